import { useBackend } from "@awp/core";
import { awp } from "@awp/perturb";
import { run } from "./run";

/* Adversarial training without and with Adversarial Weight Perturbation, from the same start and on the same batches. */

const [images = 1000, epochs = 25] = process.argv.slice(2).map(Number);
await useBackend();
const methods = { AT: {}, "AT-AWP": { weightAttack: awp({ gamma: 0.01 }) } };
for (const [name, method] of Object.entries(methods)) {
  const { train, test } = await run({ ...method, images, epochs, seed: 1 });
  console.log(`${name}: natural ${test.natural}, robust ${test.robust} on test, robust ${train.robust} on train`);
}
