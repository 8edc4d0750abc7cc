/**
 * Entry of the process that listens for `aegis serve`. Its command line holds its permissions and one plan, written by
 * `serve_command.ts`; it parses nothing that a person typed.
 */
import { startSite } from "./serve_host.ts";
import { decodeServePlan } from "./serve_plan.ts";
import { serveUntilAsked } from "./serve_until_asked.ts";
import { systemIo } from "./system_io.ts";

/**
 * Serves until somebody asks for the end. @returns the exit status
 *
 * @param text the plan, encoded
 * @param wishes what the first process passes on; undefined where it is this one
 */
export function serveMain(text: string, wishes: ReadableStream<Uint8Array> | undefined): Promise<number> {
  const io = systemIo();
  return serveUntilAsked(async () => await startSite(decodeServePlan(text), io), { io, wishes });
}

if (import.meta.main) Deno.exit(await serveMain(Deno.args[0] ?? "", Deno.stdin.readable));
