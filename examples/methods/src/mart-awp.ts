import { pgd } from "@awp/attacks";
import { mart } from "@awp/defenses";
import { inner } from "./run";
import { sideBySide } from "./side-by-side";

// The authors of AWP published no gamma of theirs for MART: this is TRADES'.
await sideBySide("MART", mart({ attack: pgd({ ...inner, start: "gaussian" }), beta: 6 }), 0.005);
