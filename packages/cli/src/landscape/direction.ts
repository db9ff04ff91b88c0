import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { type Attack, AwpError, decodeSafetensors, type Network, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
import {
  awpDirection,
  type Direction,
  directionFrom,
  directionTo,
  heldImages,
  type Normalization,
  randomDirection,
} from "@awp/landscape";
import { awp } from "@awp/perturb";
import { UsageError } from "../usage-error";
import { fingerprint } from "./checkpoints";
import type { Subject } from "./subject";

/** A direction by its name on the command line, with all that it depends on beside the network. */
interface DirectionSettings {
  readonly kind: "random" | "awp" | "to" | "file";
  readonly normalization: Normalization;
  /** What a random one is drawn from. */
  readonly seed?: number;
  /** The name of a stored one, or of the weights that it leads to, and which they are. */
  readonly name?: string;
  readonly weights?: string;
}

/** A direction that can be made of the network's weights as they are. */
export interface DirectionPlan {
  readonly settings: DirectionSettings;
  /** The words in the name of its file. */
  readonly label: string;
  make(place: DirectionPlace): Promise<Direction>;
}

/** What the direction of AWP is found with. */
interface DirectionPlace {
  readonly network: Network;
  readonly images: Dataset;
  readonly attack: Attack | undefined;
  readonly batchSize: number;
}

/** A Gaussian direction of a seed. */
export function randomPlan(seed: number, normalization: Normalization = "filter"): DirectionPlan {
  return {
    settings: { kind: "random", normalization, seed },
    label: `random-${normalization}-${seed}`,
    make: async ({ network }) => {
      const direction = randomDirection(network.parameters, random(seed), { normalization });
      return Promise.resolve({ ...direction, description: `${direction.description}, seed ${seed}` });
    },
  };
}

/** The direction that `--direction` names, other than a random one. */
export async function namedPlan(
  given: string,
  subject: Subject,
  asked: Normalization | undefined,
): Promise<DirectionPlan> {
  if (given === "awp") return awpPlan(asked ?? "layer");
  if (given.startsWith("to:")) return planTo(given.slice("to:".length), subject, asked);
  if (extname(given) !== ".safetensors") {
    throw new UsageError(`--direction is ${given}, want random, awp, to:CHECKPOINT or FILE.safetensors`);
  }
  const { file, entries, weights } = await stored(given);
  const normalization = asked ?? "none";
  const name = basename(file, ".safetensors");
  return {
    settings: { kind: "file", normalization, name, weights },
    label: `${name}-${normalization}`,
    make: ({ network }) =>
      Promise.resolve(directionFrom(entries, network.parameters, { normalization, description: name })),
  };
}

function awpPlan(normalization: Normalization): DirectionPlan {
  return {
    settings: { kind: "awp", normalization },
    label: `awp-${normalization}`,
    make: async (place) => {
      const { network, images, attack, batchSize } = place;
      const made = () => batches(images, { batchSize });
      const held = await heldImages({ network, batches: made, ...(attack && { attack }), random: random(0) });
      try {
        return awpDirection(network.parameters, awp({ gamma: 1 }), held.loss, random(0), { normalization });
      } finally {
        held.dispose();
      }
    },
  };
}

async function planTo(name: string, subject: Subject, asked: Normalization | undefined): Promise<DirectionPlan> {
  if (asked !== undefined && asked !== "none")
    throw new UsageError("--normalization: to:CHECKPOINT ends at that checkpoint");
  const { file, entries, weights } = await stored(
    extname(name) === ".safetensors" ? name : subject.weightsNamed(name).file,
  );
  return {
    settings: { kind: "to", normalization: "none", name: extname(name) === "" ? name : basename(file), weights },
    label: `to-${basename(name, ".safetensors")}`,
    make: ({ network }) =>
      Promise.resolve(directionTo(network.parameters, entries, `to ${basename(name, ".safetensors")}`)),
  };
}

async function stored(file: string) {
  if (!existsSync(file)) throw new AwpError(`${file}: no such file`);
  return { file, weights: await fingerprint(file), entries: decodeSafetensors(await readFile(file), file).entries };
}
