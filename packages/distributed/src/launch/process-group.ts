import { AwpError, type ProcessGroup } from "@awp/core";
import { agreeing } from "../agreement";
import { alone } from "../alone";
import { readWorld, type World } from "./environment";

export interface ProcessGroupOptions {
  /** How long to wait for the others in each collective, in milliseconds. @default 5 minutes */
  readonly timeout?: number;
  /** How long to wait until all have come, in milliseconds. @default 5 minutes */
  readonly joinTimeout?: number;
}

/** A group that a process may leave. */
export interface JoinedGroup extends ProcessGroup {
  /** Ends this process's part. With an error the others fail at once, with its message. */
  leave(error?: Error): Promise<void>;
}

/**
 * The processes that torchrun or `srun` started together with this one, once all are there; a group of one where none did. It
 * wants `@awp/backend-torch`, whose engine joins them: Gloo's or NCCL's, through libtorch's c10d.
 *
 * @example
 * const group = await processGroup();
 * console.log(`rank ${group.rank} of ${group.size}`);
 * @throws AwpError as `readWorld` does, without an engine, and where the others do not come in time
 */
export async function processGroup(options: ProcessGroupOptions = {}): Promise<JoinedGroup> {
  const world = readWorld(process.env);
  if (world === undefined) return Object.assign(agreeing(alone), { leave: () => Promise.resolve() });
  const joined = await joinedAt(world, options);
  return Object.assign(agreeing(joined), { leave: (error?: Error) => joined.leave(error) });
}

async function joinedAt(world: World, options: ProcessGroupOptions): Promise<JoinedGroup> {
  const { address, port, rank, size, store, prefix, job } = world;
  try {
    // Loaded here alone: a process that nobody started with others needs no engine.
    const { joinProcessGroup } = await import("@awp/backend-torch");
    return await joinProcessGroup({ address, port, rank, size, store, prefix, job, ...options });
  } catch (error) {
    throw new AwpError((error as Error).message, { cause: error });
  }
}
