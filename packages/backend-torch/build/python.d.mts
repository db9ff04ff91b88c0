/** The folder of the package torch that the Python of this name or path imports, as far as its files tell. */
export declare function torchOf(python: string): string | undefined;

/** The same of a Python whose files do not tell: a script that chooses one. It takes up to seconds. */
export declare function askForTorch(python: string): string | undefined;
