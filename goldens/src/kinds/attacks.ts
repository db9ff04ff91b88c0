import { fgsm, pgd } from "@awp/attacks";
import { type IterativeAttack, misclassified } from "@awp/core";
import { disposeNetwork } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { checkApgd } from "../apgd-case";
import { type AttackProblem, attackProblem } from "../attack-problem";
import { trajectory } from "../attack-trajectory";
import { largest, mismatches, relativeToLargest } from "../deviation";
import type { Fields } from "../fields";
import type { Findings } from "../findings";
import { tolerance } from "../tolerance";

/** Attacks without a random start, step by step. */
export async function attacks(golden: Fields, findings: Findings, directory: string): Promise<void> {
  const cases = golden.keys.filter((key) => !described.includes(key));
  const problem = await attackProblem(golden, findings, directory);
  try {
    await checkClean(problem, golden, findings);
    for (const name of cases) {
      const figures = golden.object(name);
      if (await checkApgd(name, problem, figures, findings)) continue;
      const attack = attackOf(name, figures);
      if (attack === undefined) findings.skip(name);
      else await checkAttack(name, attack, problem, figures, findings);
    }
  } finally {
    tf.dispose([problem.x, problem.y]);
    disposeNetwork(problem.network);
  }
}

const described = [
  ...["kind", "note", "network", "weights", "image_indices_in_test_batch", "batch", "image_seed"],
  ...["bn", "bn_running", "labels", "y", "clean_logits"],
];

/** The attack that a case's name and numbers describe; undefined for one that is not covered. */
function attackOf(name: string, golden: Fields): IterativeAttack<unknown> | undefined {
  const [method = "", norm, ...words] = name.split("_");
  if (!/^(fgsm|pgd\d*)$/.test(method) || (norm !== "linf" && norm !== "l2")) return undefined;
  if (words.some((word) => otherAttacks.includes(word)) || golden.keys.some((key) => !fieldsOfCase.includes(key))) {
    return undefined;
  }
  const epsilon = golden.number("eps");
  const stepSize = golden.number("alpha");
  const steps = golden.count("steps");
  if (method === "fgsm" && steps === 1 && stepSize === epsilon) return fgsm({ norm, epsilon });
  return pgd({ norm, epsilon, stepSize, steps, start: "clean" });
}

/** Words in a name by which it is not the plain attack on the cross-entropy. */
const otherAttacks = ["targeted", "margin", "cw", "dlr", "kl", "random", "uniform", "gaussian", "restarts"];

const fieldsOfCase = [
  ...["eps", "alpha", "steps", "ce_before_each_step_then_final", "final_ce_per_example"],
  ...["robust_after", "delta_linf", "delta_l2"],
];

async function checkClean({ network, x, y }: AttackProblem, golden: Fields, findings: Findings): Promise<void> {
  const logits = network.forward(x, "eval");
  const errors = misclassified(logits, y);
  const deviation = relativeToLargest(await logits.data(), golden.numbers("clean_logits"));
  findings.check("clean logits", deviation, tolerance.network.logits);
  findings.check(
    "clean images recognised",
    mismatches(
      [...(await errors.data())],
      golden.numbers("y").map(() => 0),
    ),
    0,
  );
  tf.dispose([logits, errors]);
}

/** Compares losses and lengths, not pixels: signs of gradients near zero differ between machines. */
async function checkAttack(
  name: string,
  attack: IterativeAttack<unknown>,
  problem: AttackProblem,
  golden: Fields,
  findings: Findings,
): Promise<void> {
  const { losses, finalLosses, robust, linf, l2 } = await trajectory(attack, problem);
  const { loss, length, verdicts } = tolerance.attack;
  const check = (field: string, actual: readonly number[], allowed: number) => {
    if (!golden.has(field)) return;
    findings.check(`${name} ${field}`, relativeToLargest(actual, golden.numbers(field)), allowed);
  };
  check("ce_before_each_step_then_final", [...losses, average(finalLosses)], loss);
  check("final_ce_per_example", finalLosses, loss);
  check("delta_linf", [largest(linf)], length);
  check("delta_l2", l2, length);
  if (golden.has("robust_after")) {
    const different = mismatches(robust, golden.flags("robust_after"));
    findings.check(`${name} robust_after`, different, verdicts);
  }
}

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
