import { type Loss, type Network, random } from "@awp/core";
import { awp, withPerturbation } from "@awp/perturb";
import { relative } from "./deviation";
import type { Fields } from "./fields";
import { type Findings, requireKnown } from "./findings";
import { tolerance } from "./tolerance";

/** Checks the loss at w, and at w + v with v of one-step AWP. */
export async function checkOneStepAwp(network: Network, loss: Loss, golden: Fields, findings: Findings): Promise<void> {
  requireKnown(golden, ["gamma", "loss", "loss_at_w_plus_v"]);
  const gamma = golden.number("gamma");
  const v = awp({ gamma })(network.parameters, loss, random(0));
  const [here, there] = [loss(), withPerturbation(network.parameters, v, () => loss())];
  v.dispose();
  for (const [key, value] of [
    ["loss", here],
    ["loss_at_w_plus_v", there],
  ] as const) {
    const [given = Number.NaN] = await value.data();
    value.dispose();
    findings.check(
      `one-step AWP gamma ${gamma} ${key}`,
      relative(given, golden.number(key)),
      tolerance.landscape.oneStepAwp,
    );
  }
}
