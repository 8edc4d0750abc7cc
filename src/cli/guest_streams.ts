/** The streams of this process as a guest uses them. */
import { ExitError } from "../core/errors.ts";
import type { OutputSink } from "../sandbox/standard_output.ts";
import { TerminalText } from "./terminal_text.ts";
import { READER_GONE } from "./write_out.ts";

export interface GuestStreams {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  /** Whether stdin, stdout and stderr are terminals. */
  readonly terminals: readonly [boolean, boolean, boolean];
}

interface Stream {
  write(bytes: Uint8Array): Promise<number>;
  isTerminal(): boolean;
}

/** Writes without blocking the thread, whose timers stop the guest. */
function sinkOf(stream: Stream): OutputSink {
  const terminal = stream.isTerminal() ? new TerminalText() : undefined;
  return async (bytes) => {
    const safe = terminal === undefined ? bytes : terminal.neutralise(bytes);
    try {
      for (let at = 0; at < safe.length;) at += await stream.write(safe.subarray(at));
    } catch (error) {
      throw error instanceof Deno.errors.BrokenPipe ? new ExitError(READER_GONE) : error;
    }
  };
}

/** The streams of this process. */
export function systemGuestStreams(): GuestStreams {
  const { stdin, stdout, stderr } = Deno;
  return {
    stdin: stdin.readable,
    stdout: sinkOf(stdout),
    stderr: sinkOf(stderr),
    terminals: [stdin.isTerminal(), stdout.isTerminal(), stderr.isTerminal()],
  };
}
