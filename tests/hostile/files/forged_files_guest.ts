/**
 * A guest's Worker in wrong hands that turns to the files broker: it holds the words of its channel and of the broker, and what
 * it writes there is up to it.
 */
import { type Forgery, withForgedGuests } from "../forged_guest.ts";
import type { Aegis, Sandbox } from "../../../mod.ts";
import { type OperationName, OPERATIONS } from "../../../src/protocol/operations.ts";

const CODES = JSON.stringify(
  Object.fromEntries(Object.entries(OPERATIONS).map(([name, { code }]) => [name, code])),
);

/**
 * What every forgery begins with:
 *
 *     at, u8(), u32(), f64(), text(), bytesOf()   write a frame from `at = 128` on
 *     begin(name)          begins the frame of an operation
 *     post(kind, length)   gives the turn to the broker and rings; does not wait
 *     ask()                does so with what was written, waits for the answer, and returns its error number
 *     told(number)         ends the call; the number is its result
 */
const LIBRARY = `
  // A frame area of 1 MiB, so that whatever is written fits.
  if (buffer.byteLength < 1 << 20) buffer.grow(1 << 20);
  const CODES = ${CODES}, link = event.data.brokers.files, shared = link.words;
  let at = 128;
  const u8 = (value) => { view.setUint8(at, value); at += 1; };
  const u32 = (value) => { view.setUint32(at, value, true); at += 4; };
  const f64 = (value) => { view.setFloat64(at, value, true); at += 8; };
  const text = (value) => { u32(value.length); for (const c of value) u8(c.charCodeAt(0)); };
  const begin = (name) => { at = 128; u32(CODES[name] ?? name); };
  const ring = () => { Atomics.add(shared, link.bell, 1); Atomics.notify(shared, link.bell); };
  const post = (kind, length) => {
    Atomics.store(words, KIND, kind);
    Atomics.store(words, LENGTH, length);
    Atomics.store(words, TURN, 2);
    Atomics.or(shared, link.readyWord, link.readyBit);
    ring();
  };
  const ask = (kind = 14, length = at - 128) => { post(kind, length); turn(); return view.getUint32(128, true); };
  const told = (number) => {
    bytes[128] = 0; view.setUint32(129, 1, true); bytes[133] = 0; view.setFloat64(134, number, true);
    give(RESULT, 14);
  };
  const each = (work) => { for (;;) { turn(); told(work()); } };
`;

/** A module for a guest that is none: the host links and calls it as if it were there. */
const TEXT = `(module (func (export "run") (result i32) (i32.const 0)))`;

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
    return await withForgedGuests(LIBRARY + forgery, async () => {
      const sandbox = await runtime.sandbox({ timeout }).build();
      await sandbox.loadModule(await runtime.loadWat(TEXT));
      return { sandbox, words };
    });
  } finally {
    globalThis.Worker = Original;
  }
}

/** Names of the operations of the files broker. */
export const FILE_OPERATION_NAMES: readonly OperationName[] = (Object.keys(OPERATIONS) as OperationName[]) // its own keys
  .filter((name) => OPERATIONS[name].by === "files");
