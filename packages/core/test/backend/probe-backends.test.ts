import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";
import { backendNames, probeBackends, useBackend } from "../../src";

afterAll(() => tf.setBackend("cpu"));

describe("probeBackends", () => {
  test("says of each backend what using it says, and leaves the current one", async () => {
    await useBackend("cpu");
    const statuses = await probeBackends();
    expect(tf.getBackend()).toBe("cpu");
    expect(statuses.map(({ name }) => name)).toEqual([...backendNames]);
    for (const status of statuses) {
      const attempt = useBackend(status.name);
      if (status.loads) await expect(attempt).resolves.toMatchObject({ name: status.name, device: status.device });
      else await expect(attempt).rejects.toThrow(status.reason);
    }
    expect(statuses.filter(({ loads }) => loads).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["wasm", "cpu"]),
    );
  });
});
