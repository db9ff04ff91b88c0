/** A float32 backend passes with this many times the deviation of the reference's own code in float32. */
const slack = 3;

/** How far figures may be from the golden ones, from the table in the golden files' README. */
export const tolerance = {
  /** Computed in float64. */
  network: {
    /** Relative to the largest |logit|; the cross-entropy moves with the logits. */
    logits: slack * 4e-4,
    /** Relative, of gradients and running statistics. */
    norm: slack * 3e-5,
    /** Relative to the tensor's root mean square. */
    entry: slack * 5e-4,
    entriesOf: "root mean square",
  },
  /** Computed in float64; errors grow with the steps. */
  awpStep: {
    first: {
      /** Relative. */
      loss: slack * 3e-6,
      /** Relative, of a Kullback-Leibler divergence of 1e-4: a difference of logarithms. */
      divergence: slack * 1e-3,
      /** Entries and norm of v, relative to ‖v‖. */
      perturbation: slack * 1e-4,
      /** Relative; those near zero are the worst. */
      gradientNorm: slack * 1e-2,
      /** Norms, relative. */
      parameter: slack * 1e-5,
      /** Relative to the root mean square, for the learning rate 0.01; grows with it, as it carries the gradient's error. */
      parameterEntry: slack * 1e-4,
      /** Norms, relative; entries relative to the norm. */
      statistic: slack * 1e-5,
    },
    later: {
      loss: slack * 1e-4,
      divergence: slack * 1e-3,
      perturbation: slack * 1e-2,
      gradientNorm: slack * 1e-1,
      parameter: slack * 6e-4,
      parameterEntry: slack * 1e-2,
      statistic: slack * 2e-4,
    },
  },
  /** Computed in float32, on trajectories of signs that fork between machines. */
  attack: {
    /** Relative. */
    loss: 1e-2,
    /** Norms of the perturbation, relative: pixels whose gradient is near zero go either way at little cost to the loss. */
    length: 3e-2,
    /** Images whose verdict may differ. */
    verdicts: 1,
    /** Running statistics after one forward pass, as for a step. */
    statistic: slack * 1e-5,
  },
  /** Computed in float32, of a trained network on real images. */
  landscape: {
    /** Losses, relative. */
    clean: 1e-3,
    pregenerated: 1e-3,
    /** Signs of gradients near zero differ between machines, and so do images that are made anew. */
    adversarial: 2e-2,
    oneStepAwp: 2e-3,
    /** Relative, of the Hessian. */
    eigenvalue: 2e-2,
    /** Images whose verdict may differ. */
    verdicts: 1,
  },
  /** Computed in float32; norms relative, entries relative to the norm. */
  direction: 1e-5,
  /** Computed in float32. Relative to the largest value. */
  loss: 1e-5,
  projection: 1e-5,
  schedule: 1e-5,
} as const;
