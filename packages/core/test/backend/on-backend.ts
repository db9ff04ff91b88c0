import { beforeAll, beforeEach } from "vitest";
import { AwpError, type BackendName, useBackend } from "../../src";

/** Runs the tests of the block on a backend; where it does not load they are skipped, with what it says. */
export function onBackend(backend: BackendName): void {
  let obstacle: string | undefined;
  beforeAll(async () => {
    try {
      await useBackend(backend);
    } catch (error) {
      if (!AwpError.is(error)) throw error;
      obstacle = error.message.split("\n")[0];
    }
  });
  beforeEach((context) => {
    if (obstacle !== undefined) context.skip(obstacle);
  });
}
