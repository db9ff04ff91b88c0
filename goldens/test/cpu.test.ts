import { useBackend } from "@awp/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";
import { temporaryGoldens } from "./temporary-goldens";

const goldens = temporaryGoldens();

beforeAll(async () => {
  await useBackend("cpu");
});

afterAll(() => goldens.remove());

// The networks take minutes in plain JavaScript (npm run goldens -- --backend cpu): here the smallest, in one mode.
it.each([
  "fab_projections.json",
  "l1_ball_box_projection.json",
  "losses_on_logits.json",
  "network_wideresnet_16_2.json",
])("the golden file %s holds on cpu", { timeout: 300_000 }, async (file) => {
  goldens.write(file, (golden) => {
    delete golden["train"];
  });
  const result = await runFile(goldens.directory, file);
  expect(verdict(result), line(result)).toBe("ok");
});
