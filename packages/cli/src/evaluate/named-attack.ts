import {
  apgd,
  type AutoAttackVersion,
  bim,
  cwL2,
  deepFool,
  dlrObjective,
  fab,
  fgsm,
  marginObjective,
  miFgsm,
  paperAttacks,
  square,
} from "@awp/attacks";
import type { Attack, Norm, ThreatModel } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";

/** An attack by a name on the command line. */
export interface NamedAttack {
  readonly norms: readonly Norm[];
  readonly about: string;
  /** The attack of a radius. */
  readonly make: (threat: ThreatModel) => Attack;
  /** Whether one run tells of every radius: it looks for the nearest adversarial image, however far. */
  readonly anyRadius?: true;
}

const all: readonly Norm[] = ["linf", "l2", "l1"];
const byGradient: readonly Norm[] = ["linf", "l2"];

// The paper's steps are a quarter of its radius, 2/255 of 8/255.
const paperStep = (threat: ThreatModel) => ({ ...threat, stepSize: threat.epsilon / 4 });

const pgdSteps =
  (steps: number) =>
  (threat: ThreatModel): Attack =>
    paperAttacks.pgd20({ ...paperStep(threat), steps });

const attacks: Readonly<Record<string, NamedAttack>> = {
  fgsm: { norms: byGradient, about: "one step", make: fgsm },
  bim: { norms: byGradient, about: "10 steps from the image", make: bim },
  "mi-fgsm": { norms: byGradient, about: "10 steps with momentum", make: miFgsm },
  "pgd-20": { norms: byGradient, about: "20 steps from a random start; any number, as pgd-7", make: pgdSteps(20) },
  "pgd-100": { norms: byGradient, about: "100 steps", make: pgdSteps(100) },
  "cw-inf": {
    norms: byGradient,
    about: "PGD-100 on the margin of the logits",
    make: (threat) => paperAttacks.cwInf({ ...paperStep(threat), objective: marginObjective() }),
  },
  apgd: { norms: all, about: "Auto-PGD, 100 steps", make: apgd },
  "apgd-dlr": {
    norms: all,
    about: "the same on the difference of logits ratio",
    make: (threat) => apgd({ ...threat, objective: dlrObjective() }),
  },
  fab: { norms: all, about: "the closest adversarial image, 100 steps", make: fab },
  square: { norms: all, about: "5,000 queries without gradients", make: square },
  spsa: { norms: byGradient, about: "100 steps without gradients", make: (threat) => paperAttacks.spsa(threat) },
  deepfool: { norms: ["l2"], about: "the nearest boundary", anyRadius: true, make: () => deepFool() },
  "cw-l2": { norms: ["l2"], about: "the least change by Adam; slow", anyRadius: true, make: () => cwL2() },
};

/** The versions of AutoAttack by their names on the command line. */
const autoAttacks: Readonly<Record<string, AutoAttackVersion>> = {
  autoattack: "standard",
  "autoattack-plus": "plus",
  "autoattack-rand": "rand",
};

/** The names that menus show. */
export const attackNames: readonly string[] = [...Object.keys(autoAttacks), ...Object.keys(attacks)];

/** The attacks with a word about each, for the help. */
export function attackHelp(): string {
  const words: readonly (readonly [string, string])[] = [
    ["autoattack", "standard; autoattack-plus, autoattack-rand: its other versions"],
    ...Object.entries(attacks).map(([name, { about, norms }]) => [name, about + onlyIn(norms)] as const),
  ];
  return words.map(([name, about]) => `  ${name.padEnd(11)} ${about}`).join("\n");
}

function onlyIn(norms: readonly Norm[]): string {
  return norms.length === all.length ? "" : ` (${norms.join(", ")})`;
}

/** The version of AutoAttack of that name, or undefined for another attack. */
export function autoAttackVersion(name: string): AutoAttackVersion | undefined {
  return Object.hasOwn(autoAttacks, name) ? autoAttacks[name] : undefined;
}

/**
 * An attack by its name, other than AutoAttack.
 *
 * @throws ArgumentError for an unknown name.
 */
export function attackNamed(name: string): NamedAttack {
  const [, steps] = /^pgd-([1-9]\d*)$/.exec(name) ?? [];
  if (steps !== undefined) return { ...(attacks["pgd-20"] as NamedAttack), make: pgdSteps(Number(steps)) };
  const known = Object.hasOwn(attacks, name) ? attacks[name] : undefined;
  requireArgument(known !== undefined, "attack", name, `one of ${attackNames.join(", ")}, or pgd-STEPS`);
  return known;
}

/**
 * Throws an ArgumentError unless the attack is there for that norm.
 */
export function requireAttack(name: string, norm: Norm): void {
  const norms = autoAttackVersion(name) === undefined ? attackNamed(name).norms : all;
  requireArgument(norms.includes(norm), "norm", norm, `${norms.join(" or ")} for the attack ${name}`);
}
