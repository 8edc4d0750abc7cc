/**
 * Entry of the host process. Its command line holds its permissions and one run plan, written by `run.ts`; it parses
 * nothing that a person typed, and ends the process itself, since a thread that a guest keeps busy would not let it.
 */
import { failureLines, statusOf } from "./failure.ts";
import { systemGuestStreams } from "./guest_streams.ts";
import { runHost } from "./host_run.ts";
import { decodePlan } from "./run_plan.ts";
import { styleFor } from "./style.ts";
import { systemIo } from "./system_io.ts";

if (import.meta.main) {
  const io = systemIo();
  let status: number;
  try {
    status = await runHost(decodePlan(Deno.args[0] ?? ""), { ...io, ...systemGuestStreams() });
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    status = statusOf(error);
  }
  Deno.exit(status);
}
