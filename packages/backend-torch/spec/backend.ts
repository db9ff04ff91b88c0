import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** Makes a backend known to TensorFlow.js. */
type Registration = () => Promise<unknown>;

const known: Readonly<Record<string, Registration>> = {
  cpu: () => import("@tensorflow/tfjs-backend-cpu"),
  // TF32, a GPU's default in convolutions, is beyond the specs' tolerances.
  torch: async () => (await import("../src/index")).setPrecision({ tf32: { convolution: false } }),
};

/** A backend under test: `name`, or `name=module` for a module that registers the backend `name` when it is loaded. */
export interface BackendUnderTest {
  readonly name: string;
  readonly register: Registration;
}

export function backendUnderTest(argument: string): BackendUnderTest {
  const [name = "", path] = argument.split("=");
  const register = path === undefined ? known[name] : () => import(moduleUrl(path));
  if (register === undefined) {
    throw new Error(`--backend: got ${argument}, wanted ${Object.keys(known).join(", ")} or NAME=MODULE`);
  }
  return { name, register };
}

function moduleUrl(path: string): string {
  return /^\.{0,2}\//.test(path) ? pathToFileURL(resolve(process.env["INIT_CWD"] ?? ".", path)).href : path;
}
