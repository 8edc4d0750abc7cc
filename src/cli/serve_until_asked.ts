/**
 * The life of a process that serves: it starts, hears who asks it to end, lets what is under way come to its end, and ends. A
 * person asks by signals, which a terminal sends to both processes, and the first process by bytes, one for each that it got.
 */
import { failureLines, statusOf } from "./failure.ts";
import { hearEndingSignals } from "./host_process.ts";
import type { CommandIo } from "./io.ts";
import { styleFor } from "./style.ts";

/** Status of a process whose end was asked for twice. */
const HASTE = 130;

/** What runs until it is asked to end. */
export interface Serving {
  /** Ends when it has ended by itself; without one it never does. */
  readonly ended?: Promise<void>;
  /** Takes nothing more, and ends when what is under way has. */
  close(): Promise<void>;
}

export interface ServeUntilAskedOptions {
  readonly io: Pick<CommandIo, "err" | "colour">;
  /** What the first process passes on: its end asks, too. Undefined where standard input is something else. */
  readonly wishes: ReadableStream<Uint8Array> | undefined;
  /** Ends the process at once. @default `Deno.exit` */
  readonly exit?: (status: number) => void;
}

/** Serves until somebody asks for the end. @returns the status of the process */
export async function serveUntilAsked(
  start: () => Promise<Serving>,
  { io, wishes, exit = Deno.exit }: ServeUntilAskedOptions,
): Promise<number> {
  const asked = Promise.withResolvers<void>();
  /** A way by which a person asks; who asks twice by the same one does not want to wait. */
  const askedBy = () => {
    let times = 0;
    return () => ++times > 1 ? exit(HASTE) : asked.resolve();
  };
  // Before it says that it listens: who reads that may send a signal at once.
  const bySignal = askedBy(), byParent = askedBy();
  const stopHearing = hearEndingSignals(bySignal);
  if (wishes !== undefined) void readWishes(wishes, byParent).then(asked.resolve, asked.resolve);
  try {
    const serving = await start();
    await Promise.race([asked.promise, ...serving.ended === undefined ? [] : [serving.ended]]);
    await serving.close();
    return 0;
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    return statusOf(error);
  } finally {
    stopHearing();
  }
}

/** Reads up to the end of the first process. */
async function readWishes(wishes: ReadableStream<Uint8Array>, wish: () => void): Promise<void> {
  for await (const bytes of wishes) for (const _ of bytes) wish();
}
