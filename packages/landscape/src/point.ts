/** A loss and an accuracy over the same images. */
export interface Measured {
  /** The mean over the images. */
  readonly loss: number;
  /** The share of the images that are recognised, from 0 to 1. */
  readonly accuracy: number;
}

/** What a network is at one point of its weight space. */
export interface LandscapePoint {
  /** How far along each direction: `[α]` on a line, `[α, β]` on a plane. The centre, w itself, is 0. */
  readonly at: readonly number[];
  /** The figures on the images as they are. */
  readonly clean: Measured;
  /** Those on adversarial images made anew at this point: the loss that adversarial training descends, ρ(w + αd). */
  readonly adversarial?: Measured;
  /** Those on the adversarial images that were made at the centre: what other tools draw, for comparison. */
  readonly pregenerated?: Measured;
}
