/**
 * Entry of the server's process. Its command line holds its permissions and one plan, written by `server_command.ts`; it
 * parses nothing that a person typed.
 */
import { serveUntilAsked } from "./serve_until_asked.ts";
import { startServer } from "./server_host.ts";
import { decodeServerPlan } from "./server_plan.ts";
import { systemIo } from "./system_io.ts";

if (import.meta.main) {
  const io = systemIo();
  Deno.exit(
    await serveUntilAsked(async () => await startServer(decodeServerPlan(Deno.args[0] ?? ""), io), {
      io,
      wishes: Deno.stdin.readable,
    }),
  );
}
