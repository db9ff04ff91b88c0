import { type Attack, drain, type Network, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
import { hessianEigenvalues } from "@awp/landscape";
import { relative } from "./deviation";
import type { Fields } from "./fields";
import { type Findings, requireKnown } from "./findings";
import { tolerance } from "./tolerance";

/** What the Hessian of a golden file is of. */
export interface HessianProblem {
  readonly network: Network;
  readonly images: Dataset;
  readonly attack: Attack;
}

/** Small enough for the second derivatives of a PreActResNet-18 in 8 GB. */
const batchSize = 25;

const sentence = /^mean cross-entropy on the (\d+) images, weights of rank > 1, eval mode$/;

/** Checks the top eigenvalues of the Hessian, on clean images and on adversarial ones that are made at w and stay. */
export async function checkHessian(
  { network, images, attack }: HessianProblem,
  golden: Fields,
  findings: Findings,
): Promise<void> {
  requireKnown(golden, ["of", "clean", "adversarial_fixed_at_w", "converged_to"]);
  const [, count] = sentence.exec(golden.text("of")) ?? [];
  if (Number(count) !== images.indices.length) return findings.skip(`${golden.path}.of: ${golden.text("of")}`);
  const kinds = { clean: {}, adversarial_fixed_at_w: { attack } };
  for (const [name, options] of Object.entries(kinds)) {
    if (!golden.has(name)) continue;
    const { eigenvalues, differentiation, converged } = await drain(
      hessianEigenvalues({
        network,
        batches: () => batches(images, { batchSize }),
        // The reference iterates on powers, which find the largest in absolute value.
        order: "magnitude",
        tolerance: tolerance.landscape.eigenvalue / 4,
        random: random(0),
        ...options,
      }),
    );
    const [top = Number.NaN] = eigenvalues;
    findings.check(`top eigenvalue, ${name}`, relative(top, golden.number(name)), tolerance.landscape.eigenvalue);
    if (differentiation !== "exact") findings.note(`top eigenvalue, ${name}: by ${differentiation}`);
    if (!converged) findings.note(`top eigenvalue, ${name}: not converged`);
  }
}
