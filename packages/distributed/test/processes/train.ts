/* A rank of the native group: `train.ts BACKEND SETTINGS`, which trains and prints what it came to as JSON. */
import { type BackendName, useBackend } from "@awp/core";
import { processGroup } from "../../src/index";
import { type Settings, trained } from "../training";

const [backend, settings] = process.argv.slice(2) as [BackendName, string];
await useBackend(backend);
const group = await processGroup({ timeout: 30_000 });
const result = await trained(group, { ...(JSON.parse(settings) as Settings), backend });
await group.leave();
process.stdout.write(JSON.stringify(result));
