import { pgd } from "@awp/attacks";
import { adversarialTraining } from "@awp/defenses";
import { inner } from "./run";
import { sideBySide } from "./side-by-side";

await sideBySide("AT", adversarialTraining({ attack: pgd(inner) }), 0.01);
