/**
 * What stands in for processes of ours where no deno is there to start them: in the command as a program of its own. The
 * plan is the same, and is decoded and checked as there; permissions are given up in the same way. Nothing stops this
 * process from outside, so what outlives its deadline ends when the command does.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { HostEnd, HostProcess, HostStart } from "./host_process.ts";

/** What a process of each entry does with its plan. All are named in full, so that they become part of the program. */
const HOSTS: Readonly<Record<string, (plan: string) => Promise<number>>> = {
  "host_main.gen.js": async (plan) => await (await import("./host_main.ts")).hostMain(plan),
  "mcp_main.ts": async (plan) => await (await import("./mcp_main.ts")).mcpMain(plan, true),
  "plugin_main.ts": async (plan) => await (await import("./plugin_main.ts")).pluginMain(plan),
  "serve_main.ts": async (plan) => await (await import("./serve_main.ts")).serveMain(plan, undefined),
  "server_main.ts": async (plan) => await (await import("./server_main.ts")).serverMain(plan, undefined),
};

/** Status of a process that was killed, as a shell tells it. */
const KILLED = 137;

/** Runs in this process what would have been started. @throws {AegisError} `UnsupportedPlatform` for another entry */
export function startHere({ args, environment, deadline }: HostStart): HostProcess {
  const [entry = "", plan = ""] = args.slice(-2), name = entry.slice(entry.lastIndexOf("/") + 1);
  const host = Object.hasOwn(HOSTS, name) ? HOSTS[name] : undefined;
  if (host === undefined) {
    throw new AegisError(
      "UnsupportedPlatform",
      `Cannot start ${quote(name)}: this is a compiled program, which has no deno to start`,
    );
  }
  for (const [variable, value] of Object.entries(environment)) Deno.env.set(variable, value);
  const { promise, resolve } = Promise.withResolvers<HostEnd>();
  const timer = deadline === undefined ? undefined : setTimeout(
    () => resolve({ status: KILLED, signal: "SIGKILL", overdue: true, forwarded: [] }),
    deadline,
  );
  void host(plan).then((status) => {
    clearTimeout(timer);
    resolve({ status, signal: null, overdue: false, forwarded: [] });
  });
  return { ended: promise };
}
