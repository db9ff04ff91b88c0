import { loadAddon } from "../../src/native";

/** Where a kernel computes: the CPU's loops, and the kernels for CUDA, which a shim runs on the CPU. */
export const routes = ["cpu", "device"] as const;
export type Route = (typeof routes)[number];

/** Runs what is synchronous by that route. */
export function along<T>(route: Route, run: () => T): T {
  const addon = loadAddon();
  addon.deviceRoutes(Number(route === "device"));
  try {
    return run();
  } finally {
    addon.deviceRoutes(0);
  }
}
