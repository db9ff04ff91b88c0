/* What the examples of the documentation take for granted; none has the name of a public function. */
import type { Attack, Batch, Classifier, Defense, Images, Network, ProcessGroup, WeightPerturbation } from "@awp/core";
import type { Fail } from "@awp/core/node";
import type { Dataset } from "@awp/data";
import type { HubConfig, ModelCard } from "@awp/models/node";
import type { RunFigures } from "@awp/report";
import type { Optimizer, Position, TrainOptions, WeightAverage } from "@awp/train";
import type { Tensor1D } from "@tensorflow/tfjs-core";

export * as tf from "./tensorflow";
export { readFile, writeFile } from "node:fs/promises";

export declare const images: Images;
export declare const labels: Tensor1D;
export declare const adversarial: Images;

export declare const trainSet: Dataset;
export declare const testSet: Dataset;
export declare const testBatches: Iterable<Batch>;
export declare const unlabelled: Dataset;
export declare const pseudoLabelled: Dataset;

export declare const network: Network;
export declare const classifier: Classifier;
export declare const surrogate: Classifier;

export declare const attack: Attack;
export declare const defense: Defense;
export declare const perturbation: WeightPerturbation;

export declare const optimizer: Optimizer;
export declare const average: WeightAverage;
export declare const epoch: number;
export declare const positions: readonly Position[];
export declare const settings: TrainOptions;
export declare const group: ProcessGroup;

export declare const runs: readonly RunFigures[];

export declare const config: HubConfig;
export declare const card: ModelCard;
/** Throws an error that names the file. */
export declare const fail: Fail;
