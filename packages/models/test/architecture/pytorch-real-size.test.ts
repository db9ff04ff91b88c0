import { rmSync } from "node:fs";
import { useBackend } from "@awp/core";
import { skipLong, skipWithoutTorch } from "@awp/testing";
import { beforeAll, it } from "vitest";
import { dmPreActResNet18, dmWideResNet } from "../../src";
import { cifar10, type NetworkCase } from "./pytorch/cases";
import { expectSame } from "./pytorch/expect-same";
import { runReference } from "./pytorch/reference";

const classes = 10;
const size = 16; // of the images, for the time that it takes
const eighteen = { blocks: [2, 2, 2, 2], width: 64, classes };

/* Smooth ones: among millions of ReLUs one is so near to 0 that rounding switches it, and its share of the gradient. */
const cases: readonly NetworkCase[] = [
  {
    name: "DMPreActResNet-18",
    network: "dm_preact_resnet",
    arguments: { ...eighteen, normalization: cifar10 },
    size,
    build: (options) => dmPreActResNet18({ ...options, classes, normalization: cifar10 }),
  },
  {
    name: "DMWideResNet-28-10",
    network: "dm_wide_resnet",
    arguments: { depth: 28, widen: 10, classes, normalization: cifar10 },
    size,
    build: (options) => dmWideResNet({ ...options, depth: 28, widen: 10, classes, normalization: cifar10 }),
  },
];

beforeAll(async () => {
  await useBackend("wasm");
}, 60_000);

it.for(cases)("$name of the published size computes what PyTorch does", { timeout: 300_000 }, async (one, context) => {
  skipLong(`${one.name} in PyTorch and here`, context);
  skipWithoutTorch(context);
  const folder = runReference([one]);
  try {
    await expectSame(one, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
