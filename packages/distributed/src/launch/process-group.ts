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

/** Known by name alone: a process that nobody started with others needs none. */
const engine = "@awp/backend-torch" as string;

interface Engine {
  readonly joinProcessGroup: (
    options: Omit<World, "localRank" | "launcher"> & ProcessGroupOptions,
  ) => Promise<JoinedGroup>;
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
    const { joinProcessGroup } = (await import(engine)) as Engine;
    return await joinProcessGroup({ address, port, rank, size, store, prefix, job, ...options });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND" && message.includes(engine);
    const what = `${engine} is not installed: npm install ${engine}, then npx awp-backend-torch build`;
    throw new AwpError(missing ? what : message, { cause: error });
  }
}
