import { AwpError } from "@awp/core";
import type * as Client from "@huggingface/hub";

/** The hub's own client, which is installed beside this package by those who want the hub. */
export async function hubClient(): Promise<typeof Client> {
  try {
    return await import("@huggingface/hub");
  } catch (error) {
    throw new AwpError("the Hugging Face hub is reached through its own client: npm install @huggingface/hub", {
      cause: error,
    });
  }
}
