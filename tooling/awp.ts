/** The command `awp` from source. npm runs scripts in the workspace's root; paths are meant from where the user stands. */
import { chdir } from "node:process";

chdir(process.env["INIT_CWD"] ?? ".");
await import("../packages/cli/src/bin");
