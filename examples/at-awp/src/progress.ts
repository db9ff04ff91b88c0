import { type Method, methods, methodTitles } from "./method";
import type { RunEvent } from "./run";

/** Shows events: a bar for each method on a terminal, a line for each epoch elsewhere. */
export interface Progress {
  show(method: Method, event: RunEvent): void;
}

export function progress(epochs: number, out: NodeJS.WriteStream = process.stdout): Progress {
  return out.isTTY ? bars(epochs, out) : lines(epochs, out);
}

function lines(epochs: number, out: NodeJS.WritableStream): Progress {
  return {
    show(method, event) {
      const text = describe(event, epochs);
      if (text !== undefined) out.write(`${methodTitles[method].padEnd(6)}  ${text}\n`);
    },
  };
}

function bars(epochs: number, out: NodeJS.WriteStream): Progress {
  const width = 30;
  const states = new Map(methods.map((method) => [method, { done: 0, text: "" }]));
  let drawn = 0;

  function draw(): void {
    out.moveCursor(0, -drawn);
    for (const [method, { done, text }] of states) {
      const filled = Math.round(done * width);
      const bar = "█".repeat(filled) + "░".repeat(width - filled);
      out.clearLine(0);
      out.write(`${methodTitles[method].padEnd(6)} ${bar} ${text}`.slice(0, out.columns - 1) + "\n");
    }
    drawn = states.size;
  }

  return {
    show(method, event) {
      const before = states.get(method) ?? { done: 0, text: "" };
      const done = event.kind === "step" ? (event.epoch + event.step / event.stepsPerEpoch) / epochs : before.done;
      if (event.kind === "warning" || event.kind === "collapse") {
        out.moveCursor(0, -drawn);
        out.clearScreenDown();
        out.write(`${methodTitles[method].padEnd(6)} ${describe(event, epochs) ?? ""}\n`);
        drawn = 0;
      }
      states.set(method, { done, text: describe(event, epochs) ?? before.text });
      draw();
    },
  };
}

/** An event in words, if it is worth a line. */
function describe(event: RunEvent, epochs: number): string | undefined {
  switch (event.kind) {
    case "epoch": {
      const { natural = Number.NaN, robust = Number.NaN } = event.metrics;
      const accuracies = `validation: natural ${percent(natural)}, robust ${percent(robust)}`;
      return `epoch ${event.epoch + 1}/${epochs}  loss ${event.loss.toFixed(3)}  ${accuracies}  ${event.seconds.toFixed(1)} s`;
    }
    case "evaluating":
      return `evaluating on ${event.what}`;
    case "resumed":
      return `resumed at epoch ${event.epoch + 1} from ${event.place}`;
    case "warning":
      return event.message;
    case "collapse":
      return `epoch ${event.epoch + 1}: ${event.metric} is ${percent(event.value)}, no better than a guess`;
    default:
      return undefined;
  }
}

/** 0.1234 as "12.3 %". */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
