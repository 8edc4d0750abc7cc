/**
 * The suite's Worker, seen from the host: bundled, started without permissions, given one script at a time. Host calls
 * of its guests come through the channel. A script that takes too long is told to stop, as a guest is; a Worker that
 * does not is written off.
 */
import type { ScriptReply, ScriptRequest, StartMessage } from "./guest/program.ts";
import { UNLIMITED_FUEL } from "../../src/core/limits.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES } from "../../src/protocol/layout.ts";
import { startWorker } from "../../src/sandbox/worker.ts";
import { bundleEntry, findDependencies } from "../../tools/bundle.ts";

const ROOT = (import.meta.dirname ?? "").replace(/[\\/]tests[\\/]testsuite$/, "");

/** Bytes of a frame; host calls have two arguments at most. */
const FRAME_LIMIT = 4096;

/** Milliseconds from the deadline of a script until its Worker is given up. */
const GRACE = 5000;

/** What every Worker is started with. */
export interface WorkerProgram extends Pick<StartMessage, "spectest" | "classifier"> {
  /** The Worker's program. */
  readonly text: string;
}

/** Bundles the Worker's program. @throws {Error} unless it is self-contained */
export async function bundleProgram(): Promise<string> {
  const text = await bundleEntry(ROOT, { source: "tests/testsuite/guest/main.ts" });
  const dependencies = findDependencies(text, []);
  if (dependencies.length > 0) {
    throw new Error(`The Worker's program is not alone: ${dependencies.join("; ")}`);
  }
  return text;
}

export class SuiteWorker implements Disposable {
  readonly #worker: Worker;
  readonly #channel: HostEnd;
  #answer: (reply: ScriptReply) => void = () => {};
  #lost = false;

  constructor({ text, spectest, classifier }: WorkerProgram) {
    const buffer = createSharedBuffer(FRAME_LIMIT);
    this.#channel = new HostEnd(buffer);
    this.#channel.setFuelBudget(UNLIMITED_FUEL);
    this.#channel.giveSilently();
    this.#worker = startWorker({ name: "suite", source: text });
    this.#worker.onmessage = ({ data }) => this.#answer(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#lose(`the Worker failed: ${event.message}`);
    };
    const start: StartMessage = { kind: "start", buffer, spectest, classifier };
    this.#worker.postMessage(start);
    this.#serveHostCalls();
  }

  /** Whether the Worker is no use any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Runs a script. @param deadline milliseconds */
  async run(request: ScriptRequest, deadline: number): Promise<ScriptReply> {
    let late = false, grace: ReturnType<typeof setTimeout> | undefined;
    const watchdog = setTimeout(() => {
      late = true;
      this.#channel.abort("timeout");
      grace = setTimeout(() => this.#lose("it did not stop"), GRACE);
    }, deadline);
    try {
      const reply = await new Promise<ScriptReply>((resolve) => {
        this.#answer = resolve;
        this.#worker.postMessage(request);
      });
      return late ? { fault: `it took longer than ${deadline} ms` } : reply;
    } finally {
      clearTimeout(watchdog);
      clearTimeout(grace);
      if (!this.#lost) this.#channel.run();
    }
  }

  [Symbol.dispose](): void {
    this.#lose("it was closed");
  }

  async #serveHostCalls(): Promise<void> {
    while (await this.#channel.nextTurn()) {
      this.#channel.writer().values([], []);
      this.#channel.give(FRAMES.hostReturn);
    }
  }

  #lose(why: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#worker.terminate();
    this.#channel.end();
    this.#answer({ fault: why });
  }
}
