import { fgsm, marginObjective, pgd } from "@awp/attacks";
import type { Attack, ThreatModel } from "@awp/core";

const attacks: Readonly<Record<string, (threat: ThreatModel) => Attack>> = {
  fgsm: (threat) => fgsm(threat),
  "pgd-20": (threat) => pgd({ ...threat, steps: 20, stepSize: threat.epsilon / 4 }),
  "pgd-100": (threat) => pgd({ ...threat, steps: 100, stepSize: threat.epsilon / 4 }),
  "cw-100": (threat) => pgd({ ...threat, steps: 100, stepSize: threat.epsilon / 4, objective: marginObjective() }),
};

export const attackNames: readonly string[] = ["autoattack", ...Object.keys(attacks)];

/** An attack by its name on the command line, other than AutoAttack. */
export function attackNamed(name: string, threat: ThreatModel): Attack {
  return (attacks[name] as (typeof attacks)[string])(threat);
}
