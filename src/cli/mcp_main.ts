/**
 * Entry of the process that serves MCP. Its command line holds its permissions and one plan, written by `mcp_command.ts`;
 * it parses nothing that a person typed.
 */
import { consoleOnStderr } from "./console_on_stderr.ts";
import { endWithParent } from "./end_with_parent.ts";
import { ErrorQueue } from "./error_queue.ts";
import { failureLines, statusOf } from "./failure.ts";
import { ENDING_SIGNALS } from "./host_process.ts";
import { startMcp } from "./mcp_host.ts";
import { decodeMcpPlan } from "./mcp_plan.ts";
import { styleFor } from "./style.ts";
import { systemIo } from "./system_io.ts";

/** Milliseconds that the end may take. */
const GRACE = 3000;

/** Milliseconds in which what waits for standard error is written at the end. */
const ERROR_GRACE = 500;

/**
 * Serves until the client or a person ends it. @returns the exit status
 *
 * @param text the plan, encoded
 * @param alone whether this is the first process, and nobody passes wishes on
 */
export async function mcpMain(text: string, alone: boolean): Promise<number> {
  // What a package prints must not stand among the messages of the protocol.
  consoleOnStderr(console);
  // A client that never reads standard error must not hold up the answers.
  const errors = new ErrorQueue((bytes) => writeAll(Deno.stderr, bytes));
  const io = { ...systemIo(), err: (text: string) => errors.add(text) };
  let status = 0;
  try {
    const plan = decodeMcpPlan(text);
    endWithParent(plan.parent);
    const asked = Promise.withResolvers<void>();
    let times = 0;
    for (const signal of ENDING_SIGNALS) {
      Deno.addSignalListener(signal, () => ++times > 2 ? Deno.exit(130) : asked.resolve());
    }
    if (plan.http !== null && !alone) {
      readWishes(() => ++times > 1 ? Deno.exit(130) : asked.resolve()).then(asked.resolve);
    }
    const stdio = { input: Deno.stdin.readable, write: (bytes: Uint8Array) => writeAll(Deno.stdout, bytes) };
    const starting = startMcp(plan, { ...io, stdio });
    const server = await Promise.race([starting, asked.promise.then(() => undefined)]);
    if (server !== undefined) {
      await Promise.race([server.ended, asked.promise]);
      setTimeout(() => Deno.exit(0), GRACE);
      await server.close();
    }
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    status = statusOf(error);
  }
  await errors.settled(ERROR_GRACE);
  return status;
}

async function writeAll(stream: typeof Deno.stdout, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

/** Reads what the first process passes on, up to its end. */
async function readWishes(wish: () => void): Promise<void> {
  for await (const bytes of Deno.stdin.readable) for (const _ of bytes) wish();
}

if (import.meta.main) Deno.exit(await mcpMain(Deno.args[0] ?? "", false));
