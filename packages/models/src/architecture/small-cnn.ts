import type { Network } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { type Layer, sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";

export interface SmallCnnOptions extends NetworkOptions {
  /** Channels of the 3×3 convolutions; every one after the first halves the images. @default [16, 32, 64] */
  readonly widths?: readonly number[];
  /** The stride of the first convolution; 2 is four times as fast, for 32×32 images on a CPU. @default 1 */
  readonly stride?: 1 | 2;
}

/**
 * A small network for small images and slow machines: convolution, batch norm and ReLU for each width, the mean over
 * the pixels, a dense layer.
 *
 * Its PyTorch twin declares `conv1, bn1, conv2, bn2, …, linear`, the convolutions without a bias.
 *
 * @throws ArgumentError where an option is not the positive integer that is wanted.
 * @example
 * const network = smallCnn({ classes: 10, random: random(0), widths: [16, 32] });
 */
export function smallCnn(options: SmallCnnOptions): Network {
  const { classes, random, widths = [16, 32, 64], stride = 1, channels = 3, momentum = 0.1 } = options;
  requireNetworkOptions(options);
  requireCount("widths.length", widths.length);
  for (const width of widths) requireCount("widths", width);
  requireArgument(stride === 1 || stride === 2, "stride", stride, "1 or 2");

  return network(random, channels, (store) => {
    const layers = widths.flatMap((outputs, index): Layer[] => {
      const inputs = widths[index - 1] ?? channels;
      const convolve = convolution(store, `conv${index + 1}`, {
        inputs,
        outputs,
        size: 3,
        stride: index === 0 ? stride : 2,
      });
      const norm = batchNorm(store, `bn${index + 1}`, outputs, momentum, "relu");
      return [convolve, norm];
    });
    const classify = dense(store, "linear", { inputs: widths.at(-1) as number, outputs: classes });
    const maps = sequence(layers);
    return (x, mode) => classify(globalAveragePool(maps(x, mode)));
  });
}
