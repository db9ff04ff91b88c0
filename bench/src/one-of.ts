import { AwpError } from "@awp/core";

/** The name that an option was given, among those that it takes; throws an AwpError that lists them. */
export function oneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const name = names.find((each) => each === given);
  if (name === undefined) throw new AwpError(`${option}: got ${given}, wanted one of ${names.join(", ")}`);
  return name;
}
