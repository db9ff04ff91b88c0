import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, drain, type Network, random } from "@awp/core";
import { batches, type Dataset, subset } from "@awp/data";
import { cifar10 } from "@awp/data/node";
import { directionFrom, heldImages, landscape as measured, type Measured } from "@awp/landscape";
import { disposeNetwork } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { goldensFolder, sharedFolder } from "@awp/testing";
import { relative } from "../deviation";
import type { Fields } from "../fields";
import { type Findings, Missing, NotYet, requireKnown } from "../findings";
import { checkHessian } from "../hessian-figures";
import { attackOf, directionFileOf, imagesOf, modelOf } from "../landscape-sentences";
import { checkOneStepAwp } from "../one-step-awp";
import { tolerance } from "../tolerance";

const oneStepAwp = "one_step_awp_on_adversarial_fixed_at_w_eval_mode";
const eigenvalues = "hessian_top_eigenvalue";

/** A trained network's loss and accuracy along a stored direction, and what else a file tells of that place. */
export async function landscape(golden: Fields, findings: Findings, directory: string): Promise<void> {
  const sentences = ["model", "classes", "weights", "images", "mode", "norm", "epsilon", "attack", "direction"];
  requireKnown(golden, ["kind", "note", ...sentences, "points", eigenvalues, oneStepAwp]);
  if (golden.text("mode") !== "eval") throw new NotYet(`mode ${golden.text("mode")}`);
  const problem = { attack: attackOf(golden), images: imagesOf(golden), direction: directionFileOf(golden) };
  const weights = fileOf(golden.has("weights") ? golden.text("weights") : "weights.safetensors", directory);
  const entries = decodeSafetensors(await readFile(fileOf(problem.direction, directory)), problem.direction).entries;

  const network = modelOf(golden);
  try {
    const images = await imagesIn(problem.images);
    await loadWeights(network, weights);
    await checkPoints({ network, images, attack: problem.attack, entries }, golden, findings);
    await checkAround({ network, images, attack: problem.attack }, golden, findings);
  } finally {
    disposeNetwork(network);
  }
}

interface Problem {
  readonly network: Network;
  readonly images: Dataset;
  readonly attack: ReturnType<typeof attackOf>;
}

type Entries = ReturnType<typeof decodeSafetensors>["entries"];

const batchSize = 100;

/** Clean images, adversarial ones made anew at each alpha and those that were made at alpha 0. */
async function checkPoints(
  { network, images, attack, entries }: Problem & { readonly entries: Entries },
  golden: Fields,
  findings: Findings,
): Promise<void> {
  const points = golden.has("points") ? golden.objects("points") : [];
  if (points.length === 0) return;
  const direction = directionFrom(entries, network.parameters);
  try {
    const found = await drain(
      measured({
        network,
        axes: [{ direction, positions: [...new Set(points.map((point) => point.number("alpha")))] }],
        batches: () => batches(images, { batchSize }),
        attack,
        pregenerated: true,
        random: random(0),
      }),
    );
    for (const point of points) {
      const alpha = point.number("alpha");
      const ours = found.points.find(({ at }) => at[0] === alpha);
      const { clean, adversarial, pregenerated } = tolerance.landscape;
      const figures = { of: point, at: `alpha ${alpha}`, count: images.indices.length, findings };
      check(figures, "clean_loss", "clean_accuracy", ours?.clean, clean);
      check(figures, "adversarial_loss", "robust_accuracy", ours?.adversarial, adversarial);
      check(figures, "pregenerated_loss", "pregenerated_accuracy", ours?.pregenerated, pregenerated);
      for (const key of point.keys) if (!pointFields.includes(key)) findings.skip(`${point.path}.${key}`);
    }
  } finally {
    direction.dispose();
  }
}

const pointFields = [
  "alpha",
  ...["clean", "adversarial", "pregenerated"].map((kind) => `${kind}_loss`),
  ...["clean", "robust", "pregenerated"].map((kind) => `${kind}_accuracy`),
];

interface PointFigures {
  readonly of: Fields;
  readonly at: string;
  readonly count: number;
  readonly findings: Findings;
}

function check(
  { of, at, count, findings }: PointFigures,
  loss: string,
  accuracy: string,
  ours: Measured | undefined,
  allowed: number,
): void {
  const { loss: value = Number.NaN, accuracy: share = Number.NaN } = ours ?? {};
  if (of.has(loss)) findings.check(`${at} ${loss}`, relative(value, of.number(loss)), allowed);
  if (!of.has(accuracy)) return;
  const others = Math.abs(Math.round(count * share) - Math.round(count * of.number(accuracy)));
  findings.check(`${at} ${accuracy}`, others, tolerance.landscape.verdicts);
}

/** What a file tells of adversarial images that are made at w and then stay. */
async function checkAround({ network, images, attack }: Problem, golden: Fields, findings: Findings): Promise<void> {
  if (golden.has(eigenvalues)) await checkHessian({ network, images, attack }, golden.object(eigenvalues), findings);
  if (!golden.has(oneStepAwp)) return;
  const held = await heldImages({ network, batches: () => batches(images, { batchSize }), attack, random: random(0) });
  try {
    for (const step of golden.objects(oneStepAwp)) await checkOneStepAwp(network, held.loss, step, findings);
  } finally {
    held.dispose();
  }
}

async function imagesIn({ split, count }: ReturnType<typeof imagesOf>): Promise<Dataset> {
  const directory = sharedFolder("data/cifar-10-subset");
  if (directory === undefined) throw new Missing("shared/data/cifar-10-subset");
  const all = await cifar10({ directory, split });
  if (count > all.indices.length) throw new Missing(`${count} images, where there are ${all.indices.length}`);
  return subset(all, { end: count });
}

/** A file that lies beside the golden one, or in the project's own folder. */
function fileOf(name: string, directory: string): string {
  const own = join(goldensFolder, "robust-wrn-10-1");
  const found = [directory, own].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Missing(name);
  return found;
}
