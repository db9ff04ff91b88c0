import { library } from "../../tooling/tsup.ts";

// `import.meta.url` leads to the addon, in the CommonJS build too.
export default library({ shims: true });
