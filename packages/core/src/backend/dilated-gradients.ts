import * as tf from "@tensorflow/tfjs-core";

type Steps = readonly [down: number, across: number];

/**
 * The gradient of a convolution of images, plain or depthwise, whose filter may be dilated, made of `undilated`, that of
 * one whose filter is not: a dilated filter is a larger one with zeros between its taps.
 */
export function dilatedGradient({ gradFunc: undilated }: tf.GradConfig): tf.GradFunc {
  return (dy, saved, attrs) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    // A layer that was loaded from a file has null.
    const dilations = (attrs as { dilations?: number | [number, number] | null }).dilations ?? 1;
    const steps: Steps = typeof dilations === "number" ? [dilations, dilations] : dilations;
    if (steps[0] === 1 && steps[1] === 1) return undilated(dy, saved, attrs);
    const gradient = (name: "x" | "filter") => (): tf.Tensor4D =>
      tf.tidy(() => {
        const byInput = undilated(dy, [x, spread(filter, steps)], { ...attrs, dilations: [1, 1] });
        return (byInput[name] as () => tf.Tensor4D)();
      });
    return { x: gradient("x"), filter: () => tf.tidy(() => taps(gradient("filter")(), filter.shape, steps)) };
  };
}

/** A filter with zeros between its taps. */
function spread(filter: tf.Tensor4D, [down, across]: Steps): tf.Tensor4D {
  const [height, width, inputs, outputs] = filter.shape;
  const each = tf.pad(tf.reshape(filter, [height, 1, width, inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, (across - 1) * inputs * outputs],
  ]);
  const all = tf.reshape(each, [height * down, width * across, inputs, outputs]) as tf.Tensor4D;
  return tf.slice(all, [0, 0, 0, 0], [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs]);
}

/** What lies at the taps of a filter that was spread: the inverse of {@link spread}. */
function taps(gradient: tf.Tensor4D, shape: tf.Tensor4D["shape"], [down, across]: Steps): tf.Tensor4D {
  const [height, width, inputs, outputs] = shape;
  const whole = tf.pad(gradient, [
    [0, down - 1],
    [0, across - 1],
    [0, 0],
    [0, 0],
  ]);
  const each = tf.reshape(whole, [height, down, width, across * inputs * outputs]);
  return tf.reshape(tf.slice(each, [0, 0, 0, 0], [height, 1, width, inputs * outputs]), shape) as tf.Tensor4D;
}
