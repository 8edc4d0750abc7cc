/**
 * What a compiled tool runs. It is one process: the permissions that are baked into it are given up when its brokers have
 * theirs, before the guest runs.
 */
import { failureLines, statusOf } from "../failure.ts";
import { guestPermissions, type HostPermissions, mergePermissions } from "../guest_permissions.ts";
import { systemGuestStreams } from "../guest_streams.ts";
import { runHost } from "../host_run.ts";
import { styleFor } from "../style.ts";
import { systemIo } from "../system_io.ts";
import { type BakedTool, decodeTool } from "./baked_tool.ts";
import { callersHomes, HOMES } from "./homes.ts";
import { toolHelp } from "./tool_help.ts";
import { planTool } from "./tool_run.ts";
import { readToolWords } from "./tool_words.ts";

/**
 * What a compiled tool may do until its brokers are started: what its guest is granted. Where it is to be started is not
 * known when it is made, so one that gets that directory starts with every file.
 */
export function compiledPermissions(
  { guest, cwd }: Pick<BakedTool, "guest" | "cwd">,
): Omit<HostPermissions, "read" | "write"> & {
  readonly read: true | readonly string[];
  readonly write: true | readonly string[];
} {
  const permissions = mergePermissions(guestPermissions([guest], ""), { env: cwd === null ? [] : HOMES });
  return {
    ...permissions,
    read: cwd === null ? permissions.read : true,
    write: cwd === "write" ? true : permissions.write,
  };
}

/** Runs a tool and ends the process. @param encoded the tool @param module its bytes, in base64 */
export async function runCompiled(encoded: string, module: string): Promise<never> {
  const io = systemIo();
  let status: number;
  try {
    status = await start(decodeTool(encoded), Uint8Array.fromBase64(module));
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour), "tool"));
    status = statusOf(error);
  }
  Deno.exit(status);
}

async function start(tool: BakedTool, module: Uint8Array<ArrayBuffer>): Promise<number> {
  const io = systemIo(), words = readToolWords(Deno.args);
  if (words.help) {
    io.out(toolHelp(tool));
    return 0;
  }
  const plan = planTool(tool, words, {
    parent: null,
    colour: io.colour,
    cwd: tool.cwd === null ? "" : Deno.cwd(), // which may be gone
    homes: tool.cwd === null ? [] : callersHomes(), // for which it has permissions then
    parts: [Deno.execPath()],
  });
  // Over those of the process: whoever starts it does not choose what was settled.
  for (const [name, value] of Object.entries(tool.values)) Deno.env.set(name, value);
  return await runHost(plan, { ...io, ...systemGuestStreams(), module });
}
