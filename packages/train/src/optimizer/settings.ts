/** Hyper-parameters by name. */
export type Settings = Readonly<Record<string, string | number | boolean | null>>;
