import { library } from "../../tooling/tsup.ts";

export default library({ entry: { bin: "src/bin.ts", worker: "src/train/worker.ts" }, format: ["esm"], dts: false });
