import {
  crossEntropy,
  dlr,
  klDivergence,
  type Labels,
  type Logits,
  margin,
  mean,
  targetedDlr,
  valueAndGradient,
} from "@awp/core";
import { martLoss, tradesLoss } from "@awp/defenses";
import * as tf from "@tensorflow/tfjs-core";
import { relativeToLargest } from "../deviation";
import type { Fields } from "../fields";
import type { Findings } from "../findings";
import { tolerance } from "../tolerance";

type Loss = (adversarial: Logits, natural: Logits) => tf.Tensor;

/** Losses on given logits, with the gradients for both sets of logits. */
export async function losses(golden: Fields, findings: Findings): Promise<void> {
  const adversarial = matrix(golden, "logits_adv");
  const natural = matrix(golden, "logits_nat");
  const y = integers(golden, "labels");
  const targets = golden.has("target_labels") ? integers(golden, "target_labels") : y;
  try {
    for (const name of golden.keys) {
      if (inputs.includes(name)) continue;
      const loss = lossOf(name, y, targets);
      if (loss === undefined) findings.skip(name);
      else await checkLoss(name, loss, { adversarial, natural }, golden.object(name), findings);
    }
  } finally {
    tf.dispose([adversarial, natural, y, targets]);
  }
}

const inputs = ["kind", "note", "logits_adv", "logits_nat", "labels", "target_labels"];

function lossOf(name: string, y: Labels, targets: Labels): Loss | undefined {
  const [, method, beta] = /^(trades|mart)_beta(\d+(?:\.\d+)?)$/.exec(name) ?? [];
  if (beta !== undefined) {
    const loss = method === "mart" ? martLoss : tradesLoss;
    return (adversarial, natural) => mean(loss(natural, adversarial, y, Number(beta)));
  }
  const byName: Readonly<Record<string, Loss>> = {
    cross_entropy_mean: (adversarial) => mean(crossEntropy(adversarial, y)),
    "kl_batchmean(nat||adv)": (adversarial, natural) => mean(klDivergence(natural, adversarial)),
    dlr_per_example: (adversarial) => dlr(adversarial, y),
    dlr_targeted_per_example: (adversarial) => targetedDlr(adversarial, y, targets),
    cw_margin_per_example: (adversarial) => margin(adversarial, y),
  };
  return byName[name];
}

async function checkLoss(
  name: string,
  loss: Loss,
  { adversarial, natural }: { readonly adversarial: Logits; readonly natural: Logits },
  golden: Fields,
  findings: Findings,
): Promise<void> {
  const ours = {
    grad_adv: valueAndGradient((logits: Logits) => loss(logits, natural), adversarial),
    grad_nat: valueAndGradient((logits: Logits) => loss(adversarial, logits), natural),
  };
  const check = async (figure: string, tensor: tf.Tensor) => {
    const deviation = relativeToLargest(await tensor.data(), golden.numbers(figure));
    findings.check(`${name} ${figure}`, deviation, tolerance.loss);
  };
  try {
    await check("value", ours.grad_adv.value);
    for (const [figure, { gradient, connected }] of Object.entries(ours)) {
      if (golden.has(figure)) await check(figure, gradient);
      else findings.check(`${name} has no ${figure}`, connected ? Number.POSITIVE_INFINITY : 0, tolerance.loss);
    }
  } finally {
    tf.dispose(Object.values(ours).flatMap(({ value, gradient }) => [value, gradient]));
  }
}

function matrix(golden: Fields, key: string): Logits {
  return tf.tensor2d(golden.matrix(key).map((row) => [...row]));
}

function integers(golden: Fields, key: string): Labels {
  return tf.tensor1d([...golden.numbers(key)], "int32");
}
