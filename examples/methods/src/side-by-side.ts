import { type Defense, useBackend } from "@awp/core";
import { awp } from "@awp/perturb";
import { run, type RunOptions } from "./run";

const numbers = process.argv.slice(2).map(Number);

/** The first two arguments of the command. */
export const images: number = numbers[0] ?? 1000;
export const epochs: number = numbers[1] ?? 25;

/** The seed of all that is compared. */
export const seed: number = 1;

/** What one of the compared methods has of its own. */
type Method = Omit<RunOptions, "seed" | "images" | "epochs"> & Partial<Pick<RunOptions, "epochs">>;

/**
 * Runs a defense without and with Adversarial Weight Perturbation, from the same start and on the same batches, and prints
 * how robust both are.
 */
export async function sideBySide(title: string, defense: Defense, gamma: number): Promise<void> {
  await useBackend();
  await compare({ [title]: { defense }, [`${title}-AWP`]: { defense, weightAttack: awp({ gamma }) } });
}

/** Runs methods on the same images, one after the other, and prints how robust each is. */
export async function compare(methods: Readonly<Record<string, Method>>): Promise<void> {
  for (const [name, method] of Object.entries(methods)) {
    const { train, test } = await run({ epochs, ...method, images, seed });
    console.log(`${name}: natural ${test.natural}, robust ${test.robust} on test, robust ${train.robust} on train`);
  }
}
