import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { classCounts } from "@awp/data";
import { expect, test } from "vitest";
import { mnist } from "../src/mnist";

const example = fileURLToPath(new URL("..", import.meta.url));
const node = ["--import", "tsx", "--conditions=@awp/source"];

test("the data set is MNIST whole, with its known numbers of each digit", () => {
  expect([...classCounts(mnist("train"))]).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect([...classCounts(mnist("test"))]).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
});

test("every method trains from few images and tells its accuracies", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...node, `${example}src/main.ts`, "100", "1", "50"]);
  expect(stdout.match(/^ {2}epoch 1: epsilon [\d.]+, loss \d\.\d+, \d+ s$/gm)).toHaveLength(4);
  expect(stdout.match(/^(SGD|Adam)( with a ramp)?: natural [\d.]+, robust [\d.]+$/gm)).toHaveLength(4);
});
