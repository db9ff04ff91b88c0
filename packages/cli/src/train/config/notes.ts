import { methodNames } from "../methods";

/** What each field is for, by its path: in the help and in what `--print-config` writes. */
export const notes = {
  "data.name": "synthetic, cifar10 or cifar100",
  "data.directory": "folder with CIFAR's binary files",
  "data.size": "height and width of the synthetic images",
  "data.train": "training images; null is all of them",
  "data.validation": "images set aside from the training set, to choose the best epoch by",
  "data.test": "test images; null is all of them",
  "data.augment": "crop and flip the training images at random",
  network: "small-cnn, preactresnet-18, -34, -50 or wideresnet-DEPTH-WIDTH",
  methods: `${methodNames.join(", ")}: each is trained, side by side where the machine has the cores`,
  "attack.norm": "linf or l2",
  "attack.epsilon": "radius of the ball around an image; images are from 0 to 1",
  "attack.stepSize": "length of a step of PGD",
  "attack.steps": "steps of PGD in training",
  gamma: "radius of the weights' perturbation, relative to each layer's; null is the method's own",
  warmupEpochs: "epochs before AWP begins",
  "optimizer.momentum": "of stochastic gradient descent",
  "optimizer.nesterov": "look ahead along the momentum",
  "optimizer.weightDecay": "added to the gradient, times the weights",
  "schedule.name": "constant, piecewise, superconverge, linear, multipleDecay, cosine or cyclic",
  "schedule.learningRate": "the largest learning rate",
  epochs: "passes over the training images",
  batchSize: "images in a step",
  microBatches: "parts of a batch of which one is in memory at a time",
  "evaluation.steps": "steps of PGD in the evaluation at the end",
  seeds: "of images, weights, order and attacks; each method is trained from each",
  backend: "torch, tensorflow, wasm or cpu; null is the fastest there is",
  jobs: "methods trained at once; null is as many as help",
  checkpointEvery: "epochs between two checkpoints",
  output: "folder of the run; null is a new one in runs/",
} as const;

export type FieldPath = keyof typeof notes;
