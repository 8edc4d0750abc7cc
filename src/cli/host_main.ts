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

/** Runs a plan. @param text the plan, encoded @returns the exit status */
export async function hostMain(text: string): Promise<number> {
  const io = systemIo();
  try {
    return await runHost(decodePlan(text), { ...io, ...systemGuestStreams() });
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    return statusOf(error);
  }
}

if (import.meta.main) Deno.exit(await hostMain(Deno.args[0] ?? ""));
