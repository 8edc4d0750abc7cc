/**
 * Entry of the process that listens for `aegis serve`. Its command line holds its permissions and one plan, written by
 * `serve_command.ts`; it parses nothing that a person typed.
 */
import { startSite } from "./serve_host.ts";
import { decodeServePlan } from "./serve_plan.ts";
import { serveUntilAsked } from "./serve_until_asked.ts";
import { systemIo } from "./system_io.ts";

if (import.meta.main) {
  const io = systemIo();
  Deno.exit(
    await serveUntilAsked(async () => await startSite(decodeServePlan(Deno.args[0] ?? ""), io), {
      io,
      wishes: Deno.stdin.readable,
    }),
  );
}
