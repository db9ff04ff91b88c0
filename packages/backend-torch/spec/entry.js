// The root of the bundle: what tfjs-core's own specs need, and the specs. The specs are loaded by a call, because they
// ask for the list of test environments while they load.
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";

export { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
export const loadSpecs = () => import("@tensorflow/tfjs-core/dist/tests");
