/** One command, from its start to its end. Whatever happens, it does not outlive the call that started it. */
import { Deadline } from "./deadline.ts";
import { CommandOutput } from "./process_output.ts";
import type { Child } from "./process_ports.ts";

/** How a command ended, and what it printed. */
export interface CommandResult {
  /** Of its exit; 128 and the signal's number when a signal ended it. */
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Whether it printed more than that. */
  readonly truncated: boolean;
}

/** Milliseconds that output is still read for when a command has ended and another program holds its pipes open. */
const LINGER = 500;

/** Milliseconds until a killed command is given up: the system may hold it, or not let us kill it. */
const PATIENCE = 2000;

/**
 * Feeds a command, reads what it prints, waits for its end. Only the command itself is waited for and killed: the system
 * lets no Worker with permission for single programs kill what those have started.
 *
 * @param options `outputSize`: bytes that are kept of each stream
 * @throws {OperationError} as the deadline ends; then the command was killed
 */
export async function runCommand(
  child: Child,
  options: { readonly input: Uint8Array; readonly outputSize: number },
  deadline: Deadline,
): Promise<CommandResult> {
  const { input, outputSize } = options;
  const stdout = new CommandOutput(child.stdout, outputSize);
  const stderr = new CommandOutput(child.stderr, outputSize);
  feed(child.stdin, input);
  try {
    const { code } = await deadline.race(child.status);
    await deadline.race(atMost(LINGER, Promise.all([stdout.ended, stderr.ended])));
    const printed = { stdout: stdout.take(), stderr: stderr.take() };
    return { status: code >>> 0, ...printed, truncated: stdout.truncated || stderr.truncated };
  } catch (error) {
    await kill(child);
    stdout.take();
    stderr.take();
    throw error;
  }
}

/** Ends at the latest when nobody holds the other end of the pipe any more. */
async function feed(pipe: WritableStream<Uint8Array>, input: Uint8Array): Promise<void> {
  const stdin = pipe.getWriter();
  try {
    if (input.length > 0) await stdin.write(input);
    await stdin.close();
  } catch {
    // A command need not read what it is given.
  }
}

async function kill(child: Child): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    return; // it has ended, or belongs to somebody else by now
  }
  await atMost(PATIENCE, child.status);
}

/** Waits for something, so many milliseconds at most. */
async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const patience = new Deadline(milliseconds);
  await patience.race(work).catch(() => {});
  patience.clear();
}
