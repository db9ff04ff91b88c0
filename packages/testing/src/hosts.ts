import { spawnSync } from "node:child_process";

/** Hosts with an address each on a network of their own: Linux's network namespaces on one bridge. */
export interface Hosts {
  readonly addresses: readonly string[];
  /** What to put before a command, so that it runs on this host. */
  on(host: number): readonly string[];
  /** Pulls the host's cable: packets vanish, and no connection is closed. */
  cut(host: number): void;
  /** Lets so many bits per second at most out of each host, as `"1gbit"`. */
  limit(rate: string): void;
  /** Takes the hosts away; what runs on them goes on without a network. */
  remove(): void;
}

/** Skips a test, and says why, where hosts cannot be made. */
export function skipWithoutHosts(context: { skip(condition: boolean, reason: string): void }): void {
  const name = `awp-probe-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  if (made) ip("netns", "del", name);
  context.skip(!made, "needs network namespaces: Linux, root, and Debian's iproute2");
}

/** Makes so many hosts; take them away at the end. */
export function hosts(count: number): Hosts {
  const family = `${process.pid % 100_000}n${(made += 1)}`;
  const bridge = `awb${family}`;
  const all = Array.from({ length: count }, (_, host) => ({
    name: `awp-${family}-${host}`,
    address: `10.77.0.${host + 1}`,
    cable: `aw${family}v${host}`,
  }));
  ip("link", "add", "name", bridge, "type", "bridge");
  ip("link", "set", bridge, "up");
  for (const { name, address, cable } of all) {
    const inside = (...words: string[]): void => ip("netns", "exec", name, "ip", ...words);
    ip("netns", "add", name);
    ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
    ip("link", "set", cable, "master", bridge, "up");
    inside("addr", "add", `${address}/24`, "dev", "eth0");
    inside("link", "set", "eth0", "up");
    inside("link", "set", "lo", "up");
  }
  const at = (host: number): (typeof all)[number] => all[host] as (typeof all)[number];
  return {
    addresses: all.map(({ address }) => address),
    on: (host) => ["ip", "netns", "exec", at(host).name],
    cut: (host) => ip("link", "set", at(host).cable, "down"),
    limit(rate) {
      for (const { name } of all) {
        const shaped = ["tbf", "rate", rate, "burst", "256kb", "latency", "100ms"];
        run("ip", "netns", "exec", name, "tc", "qdisc", "replace", "dev", "eth0", "root", ...shaped);
      }
    },
    remove() {
      for (const { name } of all) ip("netns", "del", name);
      ip("link", "del", bridge);
    },
  };
}

let made = 0;

const ip = (...words: string[]): void => run("ip", ...words);

function run(command: string, ...words: string[]): void {
  const { status, stderr, error } = spawnSync(command, words, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")}: ${stderr || String(error)}`);
}
