import type { World } from "@awp/distributed";

/**
 * The place of this process among the ranks that a launcher has started; undefined where it is alone. Where
 * `awp --processes` has started it, it ends when that is gone.
 *
 * @throws AwpError for a launcher's variables that contradict each other.
 */
export async function worldOf(environment: NodeJS.ProcessEnv): Promise<World | undefined> {
  // A process with none of the variables that may tell of others does not load what reads them.
  if (!["RANK", "WORLD_SIZE", "SLURM_STEP_NUM_TASKS"].some((name) => Boolean(environment[name]))) return undefined;
  const { readWorld } = await import("@awp/distributed");
  const world = readWorld(environment);
  if (world !== undefined) {
    process.on("disconnect", () => process.exit(1));
    process.channel?.unref(); // else the listener would hold this process where its work is done
  }
  return world;
}
