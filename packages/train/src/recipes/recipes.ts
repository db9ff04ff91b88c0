import { at } from "./at";
import { trades } from "./trades";

/**
 * The reference runs as data, by method, data set and norm: every hyper-parameter as its authors ran it.
 *
 * @example
 * const { schedule, optimizer } = recipes.at.awp.cifar10.linf;
 * const smaller = { ...recipes.at.awp.cifar10.linf, batchSize: 64 };
 */
export const recipes: { readonly at: typeof at; readonly trades: typeof trades } = { at, trades };
