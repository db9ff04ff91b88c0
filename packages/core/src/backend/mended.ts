const mark = Symbol.for("@awp/mended");

/** A kernel or gradient, marked as one that we put in the place of TensorFlow.js's. */
export function asMended<Config extends object>(config: Config): Config {
  return Object.assign(config, { [mark]: true });
}

/** Whether a registered kernel or gradient is ours, or another copy of this package's. */
export function isMended(config: object): boolean {
  return mark in config;
}
