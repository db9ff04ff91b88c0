export { type Augmentation, compose } from "./augmentation/augmentation";
export { type CutoutOptions, cutout } from "./augmentation/cutout";
export { flip } from "./augmentation/flip";
export { type PadCropOptions, padCrop } from "./augmentation/pad-crop";
export { batchCount, type BatchesOptions, batches, disposeBatch } from "./dataset/batches";
export { classCounts, type Dataset, type DatasetParts, dataset, type ImageShape, type Pixels } from "./dataset/dataset";
export { type Normalization, normalizations, normalized } from "./dataset/normalized";
export { type Range, type Split, split, subset } from "./dataset/subset";
export { type SyntheticOptions, synthetic } from "./synthetic/synthetic";
