/** A libtorch, as its files tell. */
export interface Libtorch {
  /** Where it was found, in words. */
  readonly source: string;
  /** `2.13.0`, or `2.6` where only a library's name tells it. */
  readonly version: string;
  /** Who built it: the names of Debian's libraries have the version in them. */
  readonly kind: "pytorch" | "debian";
  /** Whether it was built with CUDA. */
  readonly cuda: boolean;
  /** CUDA's major version, where the files tell it. */
  readonly cudaMajor: string | undefined;
  /** The folder that holds `include`. */
  readonly root: string;
  /** The folder of the libraries. */
  readonly libraries: string;
}

/** The ending of the names of shared libraries. */
export declare const extension: string;

/**
 * The first libtorch of `$LIBTORCH`, Python's torch and the system's; undefined where there is none.
 * @throws {Error} where `$LIBTORCH` holds none.
 */
export declare function findLibtorch(): Libtorch | undefined;
