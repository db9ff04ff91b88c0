export interface DataParallelOptions {
  /**
   * Which gradient a weight attack climbs: that over the rows of all ranks, so that n ranks are one big batch, or each
   * rank that over its own, so that each finds a perturbation of its own and saves a reduction. Weight decay
   * is then taken at w, `decayAt: "clean"`, as w + v is another point on each rank.
   *
   * @default "averaged"
   */
  readonly weightAttack?: "averaged" | "per-rank";
  /**
   * What batch normalisation normalises by in training: the statistics of each rank's own rows, with rank 0's for the
   * running ones, as the reference under PyTorch's DataParallel; or those of the rows of all ranks, so that n ranks are one
   * big batch, at a small reduction a layer in each pass, forward and backward.
   *
   * @default "per-replica"
   */
  readonly batchNorm?: "per-replica" | "synchronised";
}
