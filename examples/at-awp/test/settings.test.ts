import { expect, test } from "vitest";
import { parseCommandLine } from "../src/settings";

const parse = (...args: string[]): ReturnType<typeof parseCommandLine> => parseCommandLine(args, "/home/user");

test("the demo's paths are relative to where the user stands", () => {
  const { settings, output } = parse("--data", "../data", "--output", "here");
  expect(settings?.data).toBe("/home/data");
  expect(output).toBe("/home/user/here");
});

test("the demo's options are read", () => {
  const { settings, backend, jobs } = parse(
    "--epochs",
    "3",
    "--gamma",
    "0",
    "--seed",
    "7",
    "--backend",
    "cpu",
    "--jobs",
    "1",
  );
  expect(settings).toMatchObject({ epochs: 3, gamma: 0, seed: 7, data: null });
  expect([backend, jobs]).toEqual(["cpu", 1]);
});

test("a resumed run of the demo keeps its settings", () => {
  expect(parse("--resume", "--backend", "cpu").settings).toBeUndefined();
  expect(() => parse("--resume", "--gamma", "0.02")).toThrow("--gamma");
});

test.each([
  [["--epochs", "0"], '--epochs: got "0", want an integer of at least 1'],
  [["--epochs", "1.5"], "--epochs"],
  [["--gamma", "-1"], "--gamma"],
  [["--gamma", "big"], '--gamma: got "big"'],
  [["--batch-size", ""], "--batch-size"],
  [["--model", "resnet"], 'model: got "resnet", want small-cnn'],
  [["--jobs", "3"], "--jobs"],
  [["--download"], "--data DIR"],
  [["--fast"], "--fast"],
  [["extra"], "extra"],
])("the demo refuses %j by name", (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});
