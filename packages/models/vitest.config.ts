import { project } from "../../tooling/vitest.ts";

export default project("models", { isolate: false });
