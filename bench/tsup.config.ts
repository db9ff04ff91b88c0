import { library } from "../tooling/tsup.ts";

// Compiled, so that neither its time nor its memory is that of a compiler.
const entry = {
  main: "src/main.ts",
  ours: "src/pytorch/ours.ts",
  "collectives-rank": "src/collectives/rank.ts",
  "processes-rank": "src/processes/rank.ts",
};

export default library({ entry, format: ["esm"], dts: false });
