import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Platform, platformName, platforms } from "./platforms";

/** What the platform packages take from the manifest of @awp/backend-torch. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Writes a package for each platform that has binaries in `binaries/linux-x64/` and so on, in folders of the same names
 * in `out`, and names them in the manifest in the folder `backend`, in the backend's version. Returns their folders.
 */
export function writePlatformPackages(backend: string, binaries: string, out: string): string[] {
  const file = join(backend, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const built = platforms.filter((platform) => binariesIn(join(binaries, platformName(platform))).length > 0);
  if (built.length === 0) {
    throw new Error(`${binaries}: want folders ${platforms.map(platformName).join(", ")} with .node files, got none`);
  }
  const optionalDependencies = Object.fromEntries(built.map((each) => [packageName(manifest, each), manifest.version]));
  writeJson(file, { ...manifest, optionalDependencies: { ...manifest.optionalDependencies, ...optionalDependencies } });
  return built.map((platform) => writePackage(manifest, platform, backend, binaries, out));
}

function writePackage(manifest: Manifest, platform: Platform, backend: string, binaries: string, out: string): string {
  const name = platformName(platform);
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const addons = binariesIn(join(binaries, name));
  for (const addon of addons) copyFileSync(join(binaries, name, addon), join(folder, addon));
  copyFileSync(join(backend, "LICENSE"), join(folder, "LICENSE"));
  const { os, cpu, libc } = platform;
  const { license, repository, homepage, bugs, engines, publishConfig } = manifest as unknown as Record<
    string,
    unknown
  >;
  writeJson(join(folder, "package.json"), {
    name: packageName(manifest, platform),
    version: manifest.version,
    description: `Prebuilt addons of ${manifest.name} for ${name}`,
    ...{ license, repository, homepage, bugs, engines, publishConfig },
    os: [os],
    cpu: [cpu],
    ...(libc !== undefined && { libc: [libc] }),
    files: ["*.node"],
    preferUnplugged: true, // Yarn: a shared library is loaded from a file
  });
  writeFileSync(join(folder, "README.md"), readme(manifest.name, addons));
  return folder;
}

function readme(backend: string, addons: readonly string[]): string {
  return `# Prebuilt addons of ${backend}

${backend} installs this package on machines that it fits and loads the addon that was built against the libtorch it
finds there: \`pytorch\` is that of pip and of pytorch.org, \`debian\` that of Debian and Ubuntu.

${addons.map((addon) => `- \`${addon}\``).join("\n")}
`;
}

function packageName({ name }: Manifest, platform: Platform): string {
  return `${name}-${platformName(platform)}`;
}

function binariesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".node")) : [];
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
