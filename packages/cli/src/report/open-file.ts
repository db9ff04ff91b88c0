import { spawn } from "node:child_process";
import { once } from "node:events";
import { AwpError } from "@awp/core";

const openers: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Shows a file with the program that the user has for it. Throws an AwpError where there is none to ask. */
export async function openFile(path: string): Promise<void> {
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, path], { detached: true, stdio: "ignore" });
  child.unref();
  await once(child, "spawn").catch((error: unknown) => {
    throw new AwpError(`--open: ${command} is not there; open ${path} yourself`, { cause: error });
  });
}
