import { disposeNetwork } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { announcedBackend } from "../backends/announced-backend";
import type { CommandContext } from "../command-context";
import type { Ranks } from "../ranks/ranks";
import { endedEarly } from "../terminal/ended-early";
import { type Progress, progressOn } from "../terminal/progress";
import { interruptible } from "../terminal/signals";
import { printLine } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { type DirectionPlan } from "./direction";
import { draw, type Drawn, plansOf } from "./draw";
import { fingerprint, type StoredWeights } from "./checkpoints";
import { type LandscapeCommandOptions, landscapeOptions } from "./options";
import { type Subject, subjectsOf } from "./subject";
import { lineTable, planeTable } from "./table";

/** `awp landscape`: measures the loss of networks along directions of their weights, and keeps it beside them. */
export function landscapeCommand(context: CommandContext) {
  return landscapeOptions().action(async (model, options) => {
    requireTogether(options);
    const { processes = 1, requeue } = options;
    if (processes > 1) return context.launch(processes);
    const ranks = await context.join(options.rankTimeout);
    const progress = progressOn(context.terminal, { quiet: options.quiet === true });
    try {
      await interruptible((signal) => drawAll(model, options, { context, progress, signal, ranks }), ranks);
      progress.stop();
    } catch (error) {
      context.exitWith(await endedEarly(error, "what is kept", { ...context, progress, ranks, requeue }));
    }
  });
}

function requireTogether({ direction, directions, normalization, json, output }: LandscapeCommandOptions): void {
  const many = directions > 1 && direction !== "random";
  if (many) throw new UsageError(`--directions: there is but one direction ${direction}`);
  if (json !== undefined && output !== undefined) throw new UsageError("--json names a file, and --output a folder");
  const endless = direction === "awp" && normalization === "none";
  if (endless) throw new UsageError("--normalization none: AWP's direction has no length of its own");
}

interface Attendance {
  readonly context: CommandContext;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly ranks: Ranks;
}

async function drawAll(
  model: string | undefined,
  options: LandscapeCommandOptions,
  attendance: Attendance,
): Promise<void> {
  const { context, progress, signal, ranks } = attendance;
  const subjects = await ranks.inTurns("model", () => subjectsOf(model, options, progress));
  const plans = await Promise.all(subjects.map((subject) => plansOf(subject, options)));
  const total = subjects.reduce((sum, { checkpoints }, k) => sum + checkpoints.length * (plans[k]?.length ?? 0), 0);
  if (options.json !== undefined && total > 1) throw new UsageError(`--json names one file, for ${total} landscapes`);

  await announcedBackend(options.backend, progress);
  for (const [k, subject] of subjects.entries()) {
    for (const weights of subject.checkpoints) {
      const drawn = await drawAround(subject, weights, plans[k] ?? [], options, { progress, signal, ranks });
      print(context, subject, weights, drawn, options);
    }
  }
}

/** All landscapes around the weights of one file. */
async function drawAround(
  subject: Subject,
  weights: StoredWeights,
  plans: readonly (readonly DirectionPlan[])[],
  options: LandscapeCommandOptions,
  watch: Omit<Attendance, "context">,
): Promise<readonly Drawn[]> {
  const network = subject.makeNetwork();
  try {
    // Once for all directions: a landscape leaves the network as it was.
    await loadWeights(network, weights.file, subject.reading);
    const centre = { network, epoch: weights.epoch, fingerprint: await fingerprint(weights.file) };
    const drawn: Drawn[] = [];
    for (const each of plans) drawn.push(await draw({ subject, centre, plans: each }, options, watch));
    return drawn;
  } finally {
    disposeNetwork(network);
  }
}

function print(
  { terminal }: CommandContext,
  { title }: Subject,
  { epoch }: StoredWeights,
  drawn: readonly Drawn[],
  { plane }: LandscapeCommandOptions,
): void {
  printLine(terminal, epoch > 0 ? `${title}, epoch ${epoch}` : title);
  if (plane !== true) printLine(terminal, `${lineTable(drawn.map(({ points }) => points))}\n`);
  else for (const { points } of drawn) printLine(terminal, `${planeTable(points)}\n`);
}
