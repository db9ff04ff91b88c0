import { type Defense, useBackend } from "@awp/core";
import { awp } from "@awp/perturb";
import { run } from "./run";

/**
 * Runs a defense without and with Adversarial Weight Perturbation, from the same start and on the same batches, and prints
 * how robust both are. The first two arguments of the command are the numbers of images and epochs.
 */
export async function sideBySide(title: string, defense: Defense, gamma: number): Promise<void> {
  const [images = 1000, epochs = 25] = process.argv.slice(2).map(Number);
  await useBackend();
  const methods = { [title]: { defense }, [`${title}-AWP`]: { defense, weightAttack: awp({ gamma }) } };
  for (const [name, method] of Object.entries(methods)) {
    const { train, test } = await run({ ...method, images, epochs, seed: 1 });
    console.log(`${name}: natural ${test.natural}, robust ${test.robust} on test, robust ${train.robust} on train`);
  }
}
