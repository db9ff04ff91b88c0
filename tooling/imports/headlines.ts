/** An import as a user writes it, and functions of the same package that must not come with it. */
export interface Headline {
  readonly door: string;
  readonly name: string;
  readonly without: readonly string[];
}

export const headlines: readonly Headline[] = [
  { door: "@awp/core", name: "random", without: ["useBackend", "compileStep", "crossEntropy", "encodeSafetensors"] },
  { door: "@awp/core", name: "crossEntropy", without: ["useBackend", "hessianVectorProduct", "decodeSafetensors"] },
  { door: "@awp/data", name: "batches", without: ["synthetic", "mixup", "rotation", "relabelled"] },
  { door: "@awp/models", name: "wideResNet", without: ["preActResNet", "smallCnn", "fromLayersModel", "resized"] },
  { door: "@awp/attacks", name: "fgsm", without: ["autoAttack", "apgd", "fab", "square", "spsa", "evaluate"] },
  { door: "@awp/attacks", name: "autoAttack", without: ["deepFool", "cwL2", "spsa", "minimalEpsilon", "predictions"] },
  { door: "@awp/perturb", name: "awp", without: ["sam", "asam", "randomWeightPerturbation", "perturbationAlong"] },
  { door: "@awp/defenses", name: "trades", without: ["mart", "dkl", "rst", "regularized"] },
  { door: "@awp/train", name: "train", without: ["adam", "ema", "swa", "freeStep", "sgd"] },
  { door: "@awp/train", name: "trainStep", without: ["train", "sgd", "compiledTrainStep", "swa"] },
  { door: "@awp/landscape", name: "landscape", without: ["hessianEigenvalues", "hessianTrace", "trajectory"] },
  { door: "@awp/report", name: "trainingCurves", without: ["landscapePlane", "gapAcrossMethods", "gammaAblation"] },
];
