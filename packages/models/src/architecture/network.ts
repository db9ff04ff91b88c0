import type { Images, Logits, Mode, Network, Random } from "@awp/core";
import { requireArgument, requireCount, requireFraction } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type ParameterStore, parameterStore } from "./parameter-store";

/** A network made by a function that declares its layers and returns the forward pass. */
export function network(
  random: Random,
  channels: number,
  build: (store: ParameterStore) => (x: Images, mode: Mode) => Logits,
): Network {
  const store = parameterStore(random);
  const pass = build(store);
  const forward = (x: Images, mode: Mode): Logits => {
    requireArgument(x.rank === 4 && x.shape[3] === channels, "x", x.shape, `[batch, height, width, ${channels}]`);
    return tf.tidy(() => pass(x, mode));
  };
  return { parameters: store.parameters, buffers: store.buffers, forward };
}

/**
 * Frees the network's parameters and buffers; the network cannot be used after that.
 *
 * @example
 * const network = smallCnn({ classes: 10, random: random(0) });
 * disposeNetwork(network);
 */
export function disposeNetwork(network: Network): void {
  for (const variable of [...network.parameters.values(), ...network.buffers.values()]) variable.dispose();
}

/** The options of every architecture. */
export interface NetworkOptions {
  readonly classes: number;
  /** Randomness of the initial weights. */
  readonly random: Random;
  /** Channels of the images. @default 3 */
  readonly channels?: number;
  /** How far batch norm's running statistics move towards a batch's, as in PyTorch. @default 0.1 */
  readonly momentum?: number;
}

/** Throws an `ArgumentError` unless the options make a network. */
export function requireNetworkOptions({ classes, channels = 3, momentum = 0.1 }: NetworkOptions): void {
  requireCount("classes", classes);
  requireCount("channels", channels);
  requireFraction("momentum", momentum);
}
