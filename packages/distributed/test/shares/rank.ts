/* A process of the test: joins the others, and prints what it knows after the evaluation that they share. */
import { joinProcessGroup } from "@awp/backend-torch";
import { useBackend } from "@awp/core";
import { evaluated } from "./evaluation";

await useBackend("torch");
const number = (name: string): number => Number(process.env[name]);
const address = process.env["MASTER_ADDR"] as string;
const group = await joinProcessGroup({
  ...{ address, port: number("MASTER_PORT"), rank: number("RANK"), size: number("WORLD_SIZE"), timeout: 60_000 },
});
process.stdout.write(await evaluated(group));
await group.leave();
