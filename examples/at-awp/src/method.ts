/** What is compared: adversarial training, without and with Adversarial Weight Perturbation. */
export const methods = ["at", "at-awp"] as const;

export type Method = (typeof methods)[number];

export const methodTitles: Readonly<Record<Method, string>> = { at: "AT", "at-awp": "AT-AWP" };
