/** A run of two sections in the folder that is given, the second of which goes on for a while: for tests that kill it. */
import { join } from "node:path";
import { runAll } from "../gpu-bundle/box/run-all";

const folder = process.argv[2] as string;
const [out, scratch] = [join(folder, "out"), join(folder, "scratch")];
const figures = join(scratch, "figures.json");
const measuring = `
  const fs = require("node:fs");
  let n = 0;
  const repeat = () => {
    fs.writeFileSync(process.argv[1] + ".part", JSON.stringify({ rows: Array(++n).fill(n) }));
    fs.renameSync(process.argv[1] + ".part", process.argv[1]);
    console.log("repetition", n); // an error as soon as nobody listens: it ends with the run
  };
  setInterval(repeat, 1);
`;
await runAll(
  [
    { name: "first", args: ["--eval", "console.log('of the first')"] },
    { name: "second", args: ["--eval", measuring, figures], json: figures },
  ],
  { out, scratch, python: "python3", sectionSeconds: 60, totalSeconds: 60, commit: "none", system: { gpu: "none" } },
);
