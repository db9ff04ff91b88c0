import type { BackendStatus } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";
import { type BackendsReport, backendsText } from "../../src/backends/command";
import { fasterEngine, torchEngine } from "../../src/backends/faster-engine";
import { nextStep } from "../../src/backends/next-step";
import { awp } from "../written";

afterAll(() => tf.setBackend("cpu"));

describe("awp backends", () => {
  test("prints a line for each backend, or one JSON document that says the same", async () => {
    const json = await awp("backends", "--json");
    const report = JSON.parse(json.stdout) as BackendsReport;
    expect([json.code, report.backends.map(({ name }) => name)]).toEqual([0, ["torch", "tensorflow", "wasm", "cpu"]]);
    expect(report.backends.find(({ name }) => name === report.chosen)?.loads).toBe(true);
    const { stdout } = await awp("backends");
    expect(stdout).toBe(`${backendsText(report)}\n`);
    expect(stdout.split("\n")[3]).toMatch(/cpu +CPU, plain JavaScript/);
  });
});

const off = (name: BackendStatus["name"], reason: string): BackendStatus => ({ name, loads: false, reason });
const on = (name: BackendStatus["name"], device: string): BackendStatus => ({ name, loads: true, device });
const engine = (possible: boolean) => ({ command: "npx awp-backend-torch build", canBeBuilt: () => possible });
const unbuilt = [
  off("torch", "the native addon is not built. Build it with\n  a long story"),
  on("wasm", "CPU, one thread"),
];

describe("the text of backends", () => {
  test("marks the chosen one, and gives a reason's first sentence", () => {
    const text = backendsText({ chosen: "wasm", backends: unbuilt, next: "build" });
    expect(text.split("\n")).toEqual([
      ...["  torch       no: the native addon is not built", "▸ wasm        CPU, one thread", "", "Next: build"],
    ]);
  });
});

describe("the next step to a faster backend", () => {
  test.each([
    ["builds the engine where a compiler and a libtorch are", unbuilt, engine(true), /^npx awp-backend-torch build \(/],
    ["names what to install where they are not", unbuilt, engine(false), /^install a C\+\+ compiler and a libtorch/],
    ["installs the engine's package where it is missing", unbuilt, undefined, /^npm install @awp\/backend-torch/],
  ])("%s", (_, statuses, found, message) => {
    expect(nextStep("wasm", statuses, found)).toMatch(message);
  });

  test("is none where the engine loads, or another backend runs on a GPU", () => {
    const fast = [on("torch", "libtorch 2.6.0 on CUDA")];
    expect(nextStep("torch", fast, engine(true))).toBeUndefined();
    const tensorflow = [off("torch", "no"), on("tensorflow", "@tensorflow/tfjs-node-gpu on CUDA")];
    expect(nextStep("tensorflow", tensorflow, engine(true))).toBeUndefined();
  });
});

describe("the advice to build the engine", () => {
  test("is one line, where the engine can be built and the backend was not the user's choice", () => {
    const reason = "the fastest that loads; not torch: the native addon is not built";
    const advice = fasterEngine({ name: "wasm", device: "CPU, one thread", reason });
    const possible = torchEngine()?.canBeBuilt() === true;
    expect(advice !== undefined).toBe(possible);
    expect(advice ?? "npm run build:native").toMatch(/npm run build:native/);
    expect(advice ?? "").not.toContain("\n");
  });

  test.each([
    ["the engine runs already", { name: "torch", device: "libtorch on CPU", reason: "the fastest that loads" }],
    ["there is a GPU", { name: "tensorflow", device: "tfjs-node-gpu on CUDA", reason: "the fastest that loads" }],
    ["the user has chosen", { name: "wasm", device: "CPU", reason: "asked for" }],
  ] as const)("is none where %s", (_, backend) => {
    expect(fasterEngine(backend)).toBeUndefined();
  });
});
