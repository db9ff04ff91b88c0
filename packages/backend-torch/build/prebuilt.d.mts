import type { Libtorch } from "./libtorch.mjs";

/** The package that holds this platform's prebuilt addons. */
export declare const platformPackage: string;

/** The file name of the addon for a libtorch: `pytorch-2.14-cuda13.node`, `debian-1.13-cpu.node`. */
export declare function prebuiltName(libtorch: Pick<Libtorch, "kind" | "version" | "cuda" | "cudaMajor">): string;

/** The prebuilt addon for a libtorch that `from`, a file or its URL, can load; else why there is none. */
export declare function findPrebuilt(libtorch: Libtorch, from: string): { file: string } | { reason: string };
