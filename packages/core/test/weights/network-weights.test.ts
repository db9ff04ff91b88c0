import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { assignEntries, AwpError, decodeSafetensors, encodeSafetensors, networkEntries } from "../../src/index";
import type { NetworkWeights } from "../../src/weights/network-weights";
import type { StoredTensor } from "../../src/weights/safetensors";

/** A 3×3 convolution from 2 to 4 channels, a linear layer from 5 to 3 and a running mean, counted up from `first`. */
function weights(first = 0): NetworkWeights {
  const count = (shape: number[]) =>
    tf.tidy(() => tf.variable(tf.reshape(tf.range(first, first + tf.util.sizeFromShape(shape)), shape)));
  return {
    parameters: new Map([
      ["conv.weight", count([3, 3, 2, 4])],
      ["fc.weight", count([5, 3])],
      ["fc.bias", count([3])],
    ]),
    buffers: new Map([["bn.running_mean", count([4])]]),
  };
}

function dispose({ parameters, buffers }: NetworkWeights): void {
  for (const variable of [...parameters.values(), ...buffers.values()]) variable.dispose();
}

/** Runs the body with the weights, and frees them. */
async function withWeights<T>(body: (network: NetworkWeights) => T | Promise<T>, first = 0): Promise<T> {
  const network = weights(first);
  try {
    return await body(network);
  } finally {
    dispose(network);
  }
}

const stored = (): Promise<Map<string, StoredTensor>> => withWeights(networkEntries);

describe("networkEntries", () => {
  it("lists parameters, then buffers, in PyTorch's layouts", async () => {
    const entries = await stored();
    expect([...entries.keys()]).toEqual(["conv.weight", "fc.weight", "fc.bias", "bn.running_mean"]);
    const shapes = [...entries.values()].map(({ dtype, shape }) => [dtype, ...shape]);
    expect(shapes).toEqual([
      ["F32", 4, 2, 3, 3],
      ["F32", 3, 5],
      ["F32", 3],
      ["F32", 4],
    ]);
    // Element [out 1, in 0, row 0, column 2] of PyTorch's is [row 0, column 2, in 0, out 1] here: 2 · 8 + 1.
    expect(entries.get("conv.weight")?.data[1 * 18 + 2]).toBe(17);
    expect([...(entries.get("fc.weight")?.data as Float32Array)].slice(0, 5)).toEqual([0, 3, 6, 9, 12]);
  });

  it("lends no memory of the network's", async () => {
    await withWeights(async (network) => {
      const entries = await networkEntries(network);
      (entries.get("fc.bias")?.data as Float32Array).fill(9);
      expect([...(await network.parameters.get("fc.bias")!.data())]).toEqual([0, 1, 2]);
    });
  });

  it("leaves no tensor", async () => {
    await withWeights(async (network) => {
      await expect(() => networkEntries(network)).toAllocateAsync(0);
    });
  });
});

describe("assignEntries", () => {
  it("gives back the same bits, through a file", async () => {
    const { entries } = decodeSafetensors(encodeSafetensors(await stored()));
    await withWeights(async (network) => {
      expect(() => assignEntries(network, entries, "x")).toAllocate(0);
      expect(await networkEntries(network)).toEqual(await stored());
    }, 100);
  });

  it("takes DataParallel's prefix, batch counters and other floating-point types", async () => {
    const entries = new Map<string, StoredTensor>();
    for (const [name, { shape, data }] of await stored()) {
      entries.set(`module.${name}`, { dtype: "F64", shape, data: Float64Array.from(data as Float32Array) });
    }
    entries.set("module.bn.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(7n) });
    await withWeights(async (network) => {
      assignEntries(network, entries, "x");
      expect(await networkEntries(network)).toEqual(await stored());
    }, 100);
  });

  it("says everything that does not fit, and then assigns nothing", async () => {
    const entries = await stored();
    entries.delete("bn.running_mean");
    entries.set("extra", { dtype: "F32", shape: [1], data: Float32Array.of(1) });
    entries.set("fc.weight", { dtype: "F32", shape: [5, 3], data: new Float32Array(15) });
    entries.set("fc.bias", { dtype: "I32", shape: [3], data: new Int32Array(3) });
    await withWeights(async (network) => {
      const before = await networkEntries(network);
      const assign = () => assignEntries(network, entries, "dir/model.safetensors");
      expect(assign).toThrow(AwpError);
      expect(assign).toThrow(
        "dir/model.safetensors does not fit the network: fc.weight has shape [5, 3], want [3, 5]; " +
          "fc.bias holds I32, want floating-point numbers; bn.running_mean is missing; extra is not in the network",
      );
      expect(await networkEntries(network)).toEqual(before);
    }, 100);
  });
});

describe("assignEntries with exceptions", () => {
  /** The stored weights with a last layer for 7 classes. */
  const ofOtherClasses = async (): Promise<Map<string, StoredTensor>> => {
    const entries = await stored();
    entries.set("fc.weight", { dtype: "F32", shape: [7, 5], data: new Float32Array(35) });
    entries.set("fc.bias", { dtype: "F32", shape: [7], data: new Float32Array(7) });
    return entries;
  };

  it("leaves the weights of those names as they are, and takes the others", async () => {
    for (const entries of [await ofOtherClasses(), await stored()]) {
      await withWeights(async (network) => {
        const own = await networkEntries(network);
        assignEntries(network, entries, "x", { except: ["fc."] });
        const now = await networkEntries(network);
        for (const name of ["fc.weight", "fc.bias"]) expect(now.get(name)).toEqual(own.get(name));
        for (const name of ["conv.weight", "bn.running_mean"]) expect(now.get(name)).toEqual(entries.get(name));
      }, 100);
    }
  });

  it("lists what else does not fit, and wants names that the network has", async () => {
    const entries = await ofOtherClasses();
    entries.delete("conv.weight");
    await withWeights((network) => {
      expect(() => assignEntries(network, entries, "x")).toThrow("fc.weight has shape [7, 5], want [3, 5]");
      const message = "x does not fit the network: conv.weight is missing";
      expect(() => assignEntries(network, entries, "x", { except: ["fc."] })).toThrow(message);
      expect(() => assignEntries(network, entries, "x", { except: ["linear."] })).toThrow(
        'except: got "linear.", want beginnings of the network\'s names, like bn.running_mean',
      );
    });
  });
});
