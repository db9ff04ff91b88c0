import { library } from "../../tooling/tsup.ts";

export default library({ entry: ["src/bin.ts"], format: ["esm"], dts: false });
