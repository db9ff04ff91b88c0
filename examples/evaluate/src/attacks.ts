import { paperAttacks } from "@awp/attacks";
import type { Attack, ThreatModel } from "@awp/core";

// The paper's steps are a quarter of its radius, 2/255 of 8/255.
const attacks: Readonly<Record<string, (threat: ThreatModel) => Attack>> = {
  fgsm: (threat) => paperAttacks.fgsm(threat),
  "pgd-20": (threat) => paperAttacks.pgd20({ ...threat, stepSize: threat.epsilon / 4 }),
  "pgd-100": (threat) => paperAttacks.pgd100({ ...threat, stepSize: threat.epsilon / 4 }),
  "cw-inf": (threat) => paperAttacks.cwInf({ ...threat, stepSize: threat.epsilon / 4 }),
  spsa: (threat) => paperAttacks.spsa(threat),
};

export const attackNames: readonly string[] = ["autoattack", ...Object.keys(attacks)];

/** An attack by its name on the command line, other than AutoAttack. */
export function attackNamed(name: string, threat: ThreatModel): Attack {
  return (attacks[name] as (typeof attacks)[string])(threat);
}
