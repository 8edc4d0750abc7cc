/**
 * Entry of an installed tool, which its launcher starts: the file of the tool, its hash, then the words of the command line.
 */
import { failureLines, statusOf } from "../failure.ts";
import { styleFor } from "../style.ts";
import { systemIo } from "../system_io.ts";
import { runInstalled } from "./installed_run.ts";

if (import.meta.main) {
  const io = systemIo();
  let status: number;
  try {
    status = await runInstalled(Deno.args, io);
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour), "tool"));
    status = statusOf(error);
  }
  Deno.exit(status);
}
