import { project } from "../../tooling/vitest";

export default project("perturb");
