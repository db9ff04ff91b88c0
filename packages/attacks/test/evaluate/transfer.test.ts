import { type Classifier, type Images, random } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import { describe, expect, it } from "vitest";
import { fgsm, transfer } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);

describe("transfer", () => {
  it("crafts on the surrogate alone", () => {
    const attack = fgsm({ norm: "linf", epsilon: 0.1 });
    const [x, y, surrogate] = [inner(3), toyLabels(3, 2), linearClassifier(weights(2))];
    const never: Classifier = () => {
      throw new Error("asked");
    };
    const transferred = transfer(surrogate, attack)(never, x, y, random(0));
    expect(transferred.dataSync()).toEqual(attack(surrogate, x, y, random(0)).dataSync());
  });
});
