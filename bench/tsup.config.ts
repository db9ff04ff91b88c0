import { library } from "../tooling/tsup.ts";

// Compiled, so that neither its time nor its memory is that of a compiler.
export default library({ entry: { main: "src/main.ts", ours: "src/pytorch/ours.ts" }, format: ["esm"], dts: false });
