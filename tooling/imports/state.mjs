/* Run by Node, alone: what importing a door changes outside of itself, one name a line. */
import * as tf from "@tensorflow/tfjs-core";

/** What a module could change for others: TensorFlow.js's registries, prototypes and flags, globals, the process. */
function state() {
  const kernels = Object.values(tf).filter((value) => typeof value === "string");
  const backends = Object.keys(tf.engine().registryFactory);
  return new Set([
    ...backends.map((name) => `backend ${name}`),
    ...backends.flatMap((name) =>
      tf.getKernelsForBackend(name).map(({ kernelName }) => `${name}'s kernel ${kernelName}`),
    ),
    ...kernels.filter((name) => tf.getGradient(name) !== undefined).map((name) => `gradient of ${name}`),
    ...Object.getOwnPropertyNames(tf.Tensor.prototype).map((name) => `Tensor.prototype.${name}`),
    ...Object.entries(tf.env().getFlags()).map(([name, value]) => `flag ${name} = ${value}`),
    ...Object.getOwnPropertyNames(globalThis).map((name) => `globalThis.${name}`),
    ...[Object, Array, String, Promise, Map, Set].flatMap((type) =>
      Object.getOwnPropertyNames(type.prototype).map((name) => `${type.name}.prototype.${name}`),
    ),
    ...process.eventNames().map((name) => `listener of ${String(name)}`),
  ]);
}

const before = state();
await import(process.argv[2]);
for (const name of state()) if (!before.has(name)) console.log(name);
