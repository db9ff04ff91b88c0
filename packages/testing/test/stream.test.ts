import { describe, expect, test } from "vitest";
import { images, labels, parameterValues, stream } from "../src/index";

describe("the golden files' inputs", () => {
  test("stream starts as their README says", () => {
    const [a, b, c] = stream(1000003, 3) as unknown as [number, number, number];
    expect(a).toBeCloseTo(0.926348441, 9);
    expect(b).toBeCloseTo(0.71008268, 9);
    expect(c).toBeCloseTo(0.863839214, 9);
  });

  test("images are the stream in NHWC order", () => {
    const x = images(2, 777);
    expect(x.shape).toEqual([2, 32, 32, 3]);
    expect(x.dataSync()).toEqual(Float32Array.from(stream(777, 2 * 32 * 32 * 3)));
  });

  test("labels go round in threes", () => {
    const y = labels(5);
    expect(y.dtype).toBe("int32");
    expect(Array.from(y.dataSync())).toEqual([0, 3, 6, 9, 2]);
  });

  test("parameters are scaled by rank and name", () => {
    const [u] = stream(1000003, 1) as unknown as [number];
    expect(parameterValues("bn.weight", [4], 0)[0]).toBeCloseTo(0.75 + 0.5 * u, 6);
    expect(parameterValues("bn.bias", [4], 0)[0]).toBeCloseTo(0.2 * (2 * u - 1), 6);
    expect(parameterValues("fc.weight", [10, 12], 0)[0]).toBeCloseTo((2 * u - 1) * 0.5, 6);
    expect(parameterValues("conv.weight", [1, 6, 3, 3], 0)[0]).toBeCloseTo((2 * u - 1) / 3, 6);
    expect(parameterValues("conv.weight", [2, 3, 3, 3], 1)).toHaveLength(54);
    expect(parameterValues("bn.weight", [4], 1)[0]).not.toBe(parameterValues("bn.weight", [4], 0)[0]);
  });

  test("parameter values have the variance that initialisation gives", () => {
    const values = parameterValues("conv.weight", [64, 16, 3, 3], 3);
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(variance / (2 / (16 * 9))).toBeCloseTo(1, 1);
  });
});
