import { library } from "../../tooling/tsup.ts";

// `import.meta.url` leads to the scripts and fonts, in the CommonJS build too.
export default library({ entry: ["src/index.ts", "src/node.ts"], shims: true });
