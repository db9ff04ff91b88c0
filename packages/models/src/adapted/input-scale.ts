import type { Classifier, Images, Network } from "@awp/core";
import { requireArgument, requireChoice, requireCount } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { bilinear } from "./bilinear";

/*
 * Models of images in [0, 1] and RGB, made of models that want another scale, order or size. Attacks and their epsilon
 * stay in [0, 1]. What is made of a network shares its parameters and buffers.
 */

/** The values between which a model wants its images. */
export interface InputRange {
  readonly low: number;
  readonly high: number;
}

/**
 * A classifier or network of images in [0, 1], made of one that wants them in [low, high], for example [−1, 1] or [0, 255].
 *
 * @example
 * const mobileNet = await tf.loadLayersModel("https://example.org/mobilenet/model.json");
 * const classifier = rescaled(fromLayersModel(mobileNet), { low: -1, high: 1 });
 * @throws ArgumentError unless low and high are finite and low < high
 */
export function rescaled(classifier: Classifier, range: InputRange): Classifier;
export function rescaled(network: Network, range: InputRange): Network;
export function rescaled(model: Classifier | Network, { low, high }: InputRange): Classifier | Network {
  requireArgument(Number.isFinite(low), "low", low, "a finite number");
  requireArgument(Number.isFinite(high) && high > low, "high", high, `a finite number above low, ${low}`);
  return adapted(model, (x) => tf.add(tf.mul(x, high - low), low));
}

/**
 * A classifier or network of RGB images, made of one that wants BGR: the channels in reverse.
 *
 * @example
 * const bgr = fromLayersModel(await tf.loadLayersModel("https://example.org/model.json"));
 * const classifier = channelsReversed(bgr);
 */
export function channelsReversed(classifier: Classifier): Classifier;
export function channelsReversed(network: Network): Network;
export function channelsReversed(model: Classifier | Network): Classifier | Network {
  return adapted(model, (x) => tf.reverse(x, 3));
}

/** Height and width in pixels. */
export interface InputSize {
  readonly height: number;
  readonly width: number;
}

/**
 * A classifier or network of images of any size, made of one that wants one size. Images are resized bilinearly, with the
 * centres of the pixels at their halves and without a filter against aliasing, as TensorFlow 2's `tf.image.resize` does.
 *
 * @example
 * const model = await tf.loadLayersModel("https://example.org/mobilenet/model.json");
 * const classifier = resized(fromLayersModel(model), { height: 224, width: 224 }); // of CIFAR's images too
 * @throws ArgumentError unless height and width are positive integers
 */
export function resized(classifier: Classifier, size: InputSize): Classifier;
export function resized(network: Network, size: InputSize): Network;
export function resized(model: Classifier | Network, { height, width }: InputSize): Classifier | Network {
  requireCount("height", height);
  requireCount("width", width);
  return adapted(model, (x) => bilinear(x, height, width));
}

/** The scales of `preprocess_input` in Keras's applications, by the framework whose weights they were. */
export type KerasPreprocessing = "tf" | "caffe" | "torch";

/**
 * A classifier or network of RGB images in [0, 1], made of one that wants them as Keras's `preprocess_input` makes them.
 *
 * - `"tf"`: in [−1, 1]. MobileNet, Inception, Xception, NASNet.
 * - `"caffe"`: BGR in [0, 255], less ImageNet's mean of each channel. VGG, ResNet.
 * - `"torch"`: less ImageNet's mean, divided by its standard deviation. DenseNet, and torchvision's models.
 *
 * Any other mean and standard deviation: `normalized` of `@awp/data`.
 *
 * @example
 * const vgg16 = await tf.loadLayersModel("https://example.org/vgg16/model.json");
 * const classifier = preprocessed(fromLayersModel(vgg16), "caffe");
 * @throws ArgumentError for another name; when applied, if `"caffe"` or `"torch"` get images without three channels
 */
export function preprocessed(classifier: Classifier, scale: KerasPreprocessing): Classifier;
export function preprocessed(network: Network, scale: KerasPreprocessing): Network;
export function preprocessed(model: Classifier | Network, scale: KerasPreprocessing): Classifier | Network {
  requireChoice("scale", scale, Object.keys(scales) as KerasPreprocessing[]);
  return adapted(model, scales[scale]);
}

const scales: Readonly<Record<KerasPreprocessing, (x: Images) => Images>> = {
  tf: (x) => tf.sub(tf.mul(x, 2), 1),
  caffe: (x) => tf.sub(tf.mul(tf.reverse(rgb(x), 3), 255), tf.tensor1d([103.939, 116.779, 123.68])),
  torch: (x) => tf.div(tf.sub(rgb(x), tf.tensor1d([0.485, 0.456, 0.406])), tf.tensor1d([0.229, 0.224, 0.225])),
};

function rgb(x: Images): Images {
  requireArgument(x.shape[3] === 3, "x", x.shape, "RGB images, [batch, height, width, 3]");
  return x;
}

function adapted(model: Classifier | Network, adapt: (x: Images) => Images): Classifier | Network {
  if (typeof model === "function") return (x) => tf.tidy(() => model(adapt(x)));
  const { parameters, buffers } = model;
  return { parameters, buffers, forward: (x, mode) => tf.tidy(() => model.forward(adapt(x), mode)) };
}
