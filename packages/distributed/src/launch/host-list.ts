import { AwpError } from "@awp/core";

/**
 * The first host of a list as Slurm writes it: `node001` of `node[001-003,7],gpu1`.
 *
 * @throws AwpError where a list begins with no host.
 */
export function firstHost(list: string): string {
  // Up to the first comma that stands in no bracket, each bracket as its first number.
  const [, entry = ""] = /^((?:[^,[\]]|\[[^[\]]*\])+)(?:,|$)/.exec(list) ?? [];
  const host = entry.replace(/\[([^\],-]*)[^\]]*\]/g, "$1");
  if (/^[\w.:-]+$/.test(host)) return host;
  throw new AwpError(`SLURM_STEP_NODELIST: got ${JSON.stringify(list)}, want hosts such as node[001-003],gpu1`);
}
