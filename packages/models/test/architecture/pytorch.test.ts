import { rmSync } from "node:fs";
import { type BackendName, useBackend } from "@awp/core";
import { pythonWithTorch, skipWithoutTorch } from "@awp/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { cases, type NetworkCase } from "./pytorch/cases";
import { expectSame } from "./pytorch/expect-same";
import { runReference } from "./pytorch/reference";

let folder: string | undefined;

beforeAll(() => {
  if (pythonWithTorch() !== undefined) folder = runReference(cases);
}, 120_000);

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** One network of each kind, for the slow backend. */
const kinds = cases.filter(({ network, unused }, index) => {
  const same = (one: NetworkCase) => one.network === network && !one.unused === !unused;
  return cases.findIndex(same) === index;
});

const chosen = process.env["AWP_TEST_BACKEND"] as BackendName | undefined;
const backends: readonly BackendName[] = chosen === undefined ? ["cpu", "wasm"] : [chosen];

describe.each(backends)("on %s, with PyTorch's weights,", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  }, 60_000);

  it.for(backend === "cpu" ? kinds : cases)("$name computes what PyTorch does", async (one, context) => {
    skipWithoutTorch(context);
    await expectSame(one, folder as string);
  });
});
