/**
 * Entry of the server's process. Its command line holds its permissions and one plan, written by `server_command.ts`; it
 * parses nothing that a person typed.
 */
import { serveUntilAsked } from "./serve_until_asked.ts";
import { startServer } from "./server_host.ts";
import { decodeServerPlan } from "./server_plan.ts";
import { systemIo } from "./system_io.ts";

/**
 * Serves until somebody asks for the end. @returns the exit status
 *
 * @param text the plan, encoded
 * @param wishes what the first process passes on; undefined where it is this one
 */
export function serverMain(text: string, wishes: ReadableStream<Uint8Array> | undefined): Promise<number> {
  const io = systemIo();
  return serveUntilAsked(async () => await startServer(decodeServerPlan(text), io), { io, wishes });
}

if (import.meta.main) Deno.exit(await serverMain(Deno.args[0] ?? "", Deno.stdin.readable));
