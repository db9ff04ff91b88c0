export { awp, type AwpOptions } from "./awp";
export type { Scaling } from "./group-norm";
export { isPerturbed, requireUnperturbed } from "./perturbed";
export { randomWeightPerturbation } from "./random-weight-perturbation";
export type { WeightBall } from "./weight-ball";
export { weightPerturbation } from "./weight-perturbation";
export { withPerturbation, type WithPerturbationOptions } from "./with-perturbation";
