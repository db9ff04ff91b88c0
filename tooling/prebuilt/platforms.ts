/** A machine that prebuilt addons are made for, in the words of npm's manifests. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly cpu: "x64" | "arm64";
  /** musl has no libtorch. */
  readonly libc?: "glibc";
}

export const platforms: readonly Platform[] = [
  { os: "linux", cpu: "x64", libc: "glibc" },
  { os: "linux", cpu: "arm64", libc: "glibc" },
  { os: "darwin", cpu: "arm64" },
];

/** `linux-x64`, as the folder of its binaries and the end of its package's name. */
export function platformName({ os, cpu }: Platform): string {
  return `${os}-${cpu}`;
}
