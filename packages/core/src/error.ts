const marker = Symbol.for("@awp/error");

/** Base of every error that this family of packages throws on purpose. */
export class AwpError extends Error {
  override readonly name: string = "AwpError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, marker, { value: true });
  }

  /** Recognises the family across several copies of the package, where `instanceof` fails. */
  static is(error: unknown): error is AwpError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

/** An argument is unusable: names the field, what was given and what is wanted. Thrown before any work. */
export class ArgumentError extends AwpError {
  override readonly name = "ArgumentError";
  readonly argument: string;

  constructor(argument: string, given: unknown, wanted: string) {
    super(`${argument}: got ${show(given)}, want ${wanted}`);
    this.argument = argument;
  }
}

/** A derivative that is wanted does not exist: of a kernel without a gradient, or of a gradient that cannot be derived again. */
export class NoDerivativeError extends AwpError {
  override readonly name = "NoDerivativeError";
}

/** Throws an `ArgumentError` unless `condition` holds. */
export function requireArgument(
  condition: boolean,
  argument: string,
  given: unknown,
  wanted: string,
): asserts condition {
  if (!condition) throw new ArgumentError(argument, given, wanted);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "function") return value.name === "" ? "a function" : `function ${value.name}`;
  if (typeof value === "object" && value !== null)
    return (value.constructor as { name?: string } | undefined)?.name ?? "an object";
  return String(value);
}
