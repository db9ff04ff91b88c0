import { klObjective, pgd } from "@awp/attacks";
import { trades } from "@awp/defenses";
import { inner } from "./run";
import { sideBySide } from "./side-by-side";

// The attack ascends the divergence between both answers, from a start close by: at the image itself it has no gradient.
const attack = pgd({ ...inner, start: "gaussian", objective: klObjective() });
await sideBySide("TRADES", trades({ attack, beta: 6 }), 0.005);
