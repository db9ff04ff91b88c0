import type { World } from "@awp/distributed";
import { startedTogether } from "./started-together";

/**
 * The place of this process among the ranks that a launcher has started; undefined where it is alone. Where
 * `awp --processes` has started it, it ends when that is gone.
 *
 * @throws AwpError for a launcher's variables that contradict each other.
 */
export async function worldOf(environment: NodeJS.ProcessEnv): Promise<World | undefined> {
  if (!startedTogether(environment)) return undefined;
  const { readWorld } = await import("@awp/distributed");
  const world = readWorld(environment);
  if (world !== undefined) {
    process.on("disconnect", () => process.exit(1));
    process.channel?.unref(); // else the listener would hold this process where its work is done
  }
  return world;
}
