import { random } from "@awp/core";
import { type Dataset, synthetic } from "@awp/data";
import { cifar10, cifar100, svhn } from "@awp/data/node";
import type { ModelCard } from "@awp/models/node";
import type { TrainConfig } from "../train/config/schema";

type Data = TrainConfig["data"];

/** How people and the hub call the sets of images that `awp train` knows. */
const names: Readonly<Record<Data["name"], Pick<ModelCard["dataset"], "name" | "id">>> = {
  cifar10: { name: "CIFAR-10", id: "uoft-cs/cifar10" },
  cifar100: { name: "CIFAR-100", id: "uoft-cs/cifar100" },
  svhn: { name: "SVHN", id: "ufldl-stanford/svhn" },
  synthetic: { name: "synthetic" },
};

/** The names of the test images of a training. */
export function testSetOf({ name }: Data): ModelCard["dataset"] {
  return { ...names[name], split: "test" };
}

/** The set that people call so, of whose test images the results are; one that nobody knows has that name alone. */
export function testSetNamed(name: string): ModelCard["dataset"] {
  return { ...(Object.values(names).find((each) => each.name === name) ?? { name }), split: "test" };
}

/**
 * The form and the classes of the images of a training.
 *
 * @throws DataError where its files are not on this machine
 */
export async function formOf(data: Data): Promise<Pick<Dataset, "shape" | "classNames">> {
  if (data.name === "synthetic") return synthetic({ size: data.size, count: 1, random: random(0) });
  return { cifar10, cifar100, svhn }[data.name]({ directory: data.directory, split: "test" });
}
