/**
 * Whether a launcher's variables are there, torchrun's or those of a step of Slurm. What they say is read by
 * `@awp/distributed`, which a process alone does not load.
 */
export function startedTogether(environment: NodeJS.ProcessEnv): boolean {
  return ["RANK", "WORLD_SIZE", "SLURM_STEP_NUM_TASKS"].some((name) => Boolean(environment[name]));
}
