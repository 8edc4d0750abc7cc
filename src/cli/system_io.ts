import { startHostProcess } from "./host_process.ts";
import type { CommandIo } from "./io.ts";
import { readInput, readRegular, unreadable } from "./read_input.ts";
import { firstLine, writeFile } from "./write_file.ts";
import { writeOut } from "./write_out.ts";

/**
 * The streams and files of this process.
 *
 * @param readerGone what becomes of it when nobody reads its stdout any more; who serves or watches a guest goes on
 */
export function systemIo(readerGone?: () => void): CommandIo {
  return {
    out: (text) => writeOut(Deno.stdout, text, readerGone),
    err: (text) => writeOut(Deno.stderr, text),
    pid: Deno.pid,
    colour: Deno.stderr.isTerminal() && !Deno.noColor,
    columns: (stream) =>
      (stream === "out" ? Deno.stdout : Deno.stderr).isTerminal() ? Deno.consoleSize().columns : undefined,
    locate: (path) => {
      try {
        return Deno.realPathSync(path);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    makeDirectory: (path) => {
      try {
        Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
        return Deno.realPathSync(path);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    read: (path, most, only) => only === "regular" ? readRegular(path, most) : readInput(path, most),
    firstLine,
    write: writeFile,
    startHost: startHostProcess,
  };
}
