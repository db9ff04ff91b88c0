/**
 * Makes the platform packages out of addons that `awp-backend-torch build --prebuilt` built on their machines, and names
 * them in the manifest of @awp/backend-torch: the last step before a release. Neither is committed.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { writePlatformPackages } from "./packages";

const usage = `npm run prebuilt:packages -- [--binaries DIR] [--out DIR]

DIR (default: prebuilt/binaries) holds linux-x64/*.node and so on; --out (default: prebuilt/packages) becomes
linux-x64/package.json and so on. packages/backend-torch/package.json gets their names as optionalDependencies.
`;
const root = resolve(import.meta.dirname, "../..");

const { values } = parseArgs({
  options: {
    binaries: { type: "string", default: "prebuilt/binaries" },
    out: { type: "string", default: "prebuilt/packages" },
    help: { type: "boolean" },
  },
});
if (values.help === true) process.stdout.write(usage);
else {
  const [binaries, out] = [resolve(root, values.binaries), resolve(root, values.out)];
  for (const folder of writePlatformPackages(resolve(root, "packages/backend-torch"), binaries, out)) {
    process.stdout.write(`${folder}\n`);
  }
}
