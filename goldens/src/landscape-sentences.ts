import { fgsm, pgd } from "@awp/attacks";
import type { Attack, Network, Norm } from "@awp/core";
import { random } from "@awp/core";
import { networkNamed } from "@awp/models";
import { type Fields, MalformedError } from "./fields";
import { NotYet } from "./findings";

/*
 * A golden file of kind landscape tells in English sentences what it is of, and is not to be changed: each is read here,
 * and a wording that may mean something else is not yet covered.
 */

/** The network of a name such as `wideresnet-10-1` or `PreActResNet18`; 10 classes unless the file says. */
export function modelOf(golden: Fields): Network {
  const named = golden
    .text("model")
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-")
    .replace(/^wrn/, "wideresnet")
    .replace(/(resnet)(\d)/, "$1-$2");
  const classes = golden.has("classes") ? golden.count("classes") : 10;
  let make: ReturnType<typeof networkNamed>;
  try {
    make = networkNamed(named);
  } catch (error) {
    throw new NotYet(`model ${golden.text("model")}`, { cause: error });
  }
  return make({ classes, random: random(0) });
}

/** The first so many images of CIFAR-10's test set, or of its training set. */
export function imagesOf(golden: Fields): { readonly split: "train" | "test"; readonly count: number } {
  const sentence = golden.text("images");
  const wording = /^(?:the )?first (\d+)(?: images)? (?:of|in|from) (?:\S*\/)?(test_batch|data_batch_1)\.bin$/i;
  const [, count, file] = wording.exec(sentence) ?? [];
  if (count === undefined) throw new NotYet(`images ${sentence}`);
  if (Number(count) === 0) throw new MalformedError(`${golden.path}.images: got ${sentence}, want some`);
  return { split: file?.toLowerCase() === "test_batch" ? "test" : "train", count: Number(count) };
}

/** PGD on the cross-entropy from the image itself, or FGSM. */
export function attackOf(golden: Fields): Attack {
  const sentence = golden.text("attack");
  const norm = golden.text("norm");
  if (norm !== "linf" && norm !== "l2") throw new NotYet(`norm ${norm}`);
  const threat = { norm: norm as Norm, epsilon: radiusOf(golden) };
  // What follows is about the landscape, and the same in every file: anew at each alpha, and once at alpha 0.
  const [words = ""] = sentence.split(/,? made anew/i);
  if (/^FGSM(?:,? cross-entropy)?$/i.test(words)) return fgsm(threat);
  const wording = /^PGD-(\d+) from the image itself,? steps? (?:of )?([\d./]+),? (?:on )?(?:the )?cross-entropy$/i;
  const [, steps, stepSize] = wording.exec(words) ?? [];
  if (steps === undefined || stepSize === undefined) throw new NotYet(`attack ${sentence}`);
  return pgd({ ...threat, steps: Number(steps), stepSize: fraction(golden, "attack", stepSize), start: "clean" });
}

/** The file of the direction, along which the weights are w + alpha · direction as it is stored. */
export function directionFileOf(golden: Fields): string {
  const sentence = golden.text("direction");
  const [, file] = /^(\S+\.safetensors)\b/.exec(sentence) ?? [];
  if (file === undefined || !/w \+ alpha \* direction/i.test(sentence)) throw new NotYet(`direction ${sentence}`);
  return file;
}

function radiusOf(golden: Fields): number {
  try {
    return golden.number("epsilon");
  } catch {
    return fraction(golden, "epsilon", golden.text("epsilon"));
  }
}

function fraction(golden: Fields, key: string, text: string): number {
  const [, numerator, denominator = "1"] = /^(\d*\.?\d+)(?:\/(\d+))?$/.exec(text) ?? [];
  const value = Number(numerator) / Number(denominator);
  if (Number.isFinite(value)) return value;
  throw new MalformedError(`${golden.path}.${key}: got ${JSON.stringify(text)}, want a number or a fraction as 8/255`);
}
