/**
 * Entry of the command as a program of its own, which `deno task compile` makes. It is one process: what it may do, and
 * that nobody is asked for more, is settled when it is made, and what others start as a process it does itself.
 */
import "./every_file.ts";
import { main } from "./main.ts";
import { startHere } from "./start_here.ts";
import { systemIo } from "./system_io.ts";
import { READER_GONE } from "./write_out.ts";

if (import.meta.main) {
  const io = systemIo(() => Deno.exit(READER_GONE));
  Deno.exit(await main(Deno.args, { ...io, startHost: startHere }));
}
