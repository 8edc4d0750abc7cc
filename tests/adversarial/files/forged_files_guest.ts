/** A guest's Worker in wrong hands that turns to the files broker, and the words of that broker. */
import { startForged } from "../isolation/forged_broker_guest.ts";
import type { Forgery } from "../isolation/forged_guest.ts";
import type { Aegis, Sandbox } from "../../../mod.ts";

/** A sandbox whose guest is forged. */
export interface ForgedFiles {
  readonly sandbox: Sandbox;
  /** The words that the broker shares with its guests. */
  readonly words: Int32Array;
}

/** Starts a sandbox whose guest is forged; `run` returns what its program says. */
export async function startForgedFiles(
  runtime: Aegis,
  forgery: Forgery,
  timeout = 5000,
): Promise<ForgedFiles> {
  const Original = globalThis.Worker;
  let words = new Int32Array(0);
  class Seen extends Original {
    override postMessage(message: unknown, ...rest: unknown[]): void {
      // `as`: the first message to a guest has its brokers
      const { brokers } = message as { brokers?: { files?: { words: Int32Array<ArrayBuffer> } } };
      if (brokers?.files !== undefined) words = brokers.files.words;
      (super.postMessage.bind(this) as (...args: unknown[]) => void)(message, ...rest); // both overloads
    }
  }
  globalThis.Worker = Seen;
  try {
    const sandbox = await startForged(runtime, { broker: "files", forgery, timeout });
    return { sandbox, words };
  } finally {
    globalThis.Worker = Original;
  }
}
