import { paperAttacks } from "@awp/attacks";
import type { Attack, Norm } from "@awp/core";
import { attackNamed, requireAttack } from "../evaluate/named-attack";
import { radius } from "../evaluate/radius";
import { UsageError } from "../usage-error";

/** An attack by its name and its numbers, as they are kept with a landscape. */
export interface AttackSettings {
  readonly name: string;
  readonly norm: Norm;
  readonly epsilon: number;
  /** A length of PGD's steps that is not the usual quarter of epsilon. */
  readonly stepSize: number | null;
}

/** What the command line says of the attack. */
interface Asked {
  readonly attack?: string | undefined;
  readonly epsilon?: number | undefined;
  readonly norm?: Norm | undefined;
}

/** The attack that is meant, where `own` is what a run trained with; null for none. */
export function attackSettings({ attack, epsilon, norm }: Asked, own: AttackSettings): AttackSettings | null {
  if (attack === "none") return null;
  const changed = attack !== undefined || epsilon !== undefined || norm !== undefined;
  const settings = {
    name: attack ?? own.name,
    norm: norm ?? own.norm,
    epsilon: epsilon ?? own.epsilon,
    stepSize: changed ? null : own.stepSize,
  };
  if (attackNamed(settings.name).anyRadius === true) throw new UsageError(`--attack: ${settings.name} has no radius`);
  try {
    requireAttack(settings.name, settings.norm);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  return settings;
}

/** The attack itself. */
export function attackOf({ name, norm, epsilon, stepSize }: AttackSettings): Attack {
  const [, steps] = /^pgd-(\d+)$/.exec(name) ?? [];
  if (steps === undefined || stepSize === null) return attackNamed(name).make({ norm, epsilon });
  return paperAttacks.pgd20({ norm, epsilon, stepSize, steps: Number(steps) });
}

/** The attack in words, as figures show it. */
export function attackWords(settings: AttackSettings | null): string {
  return settings === null ? "none" : `${settings.name}, ${settings.norm} ${radius(settings.epsilon)}`;
}
