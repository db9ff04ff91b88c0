import { goldensFolder } from "@awp/testing";
import { expect, type TestContext } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";

/** Runs a golden file on the current backend; skips the test where its data are not there. */
export async function expectOk(file: string, context: TestContext, directory: string = goldensFolder): Promise<void> {
  const result = await runFile(directory, file);
  if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
  expect(verdict(result), line(result)).toBe("ok");
}
