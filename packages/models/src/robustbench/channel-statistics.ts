import type { ChannelStatistics } from "../architecture/normalized-input";

/* The channel statistics that the published networks were trained with; they differ in the last digits. */

export const cifar10: ChannelStatistics = { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] };

export const cifar100: ChannelStatistics = { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] };

/** CIFAR-100's with all digits. */
export const cifar100Exact: ChannelStatistics = {
  mean: [0.5070751592371323, 0.48654887331495095, 0.4409178433670343],
  std: [0.2673342858792401, 0.2564384629170883, 0.27615047132568404],
};
