/**
 * A guest's Worker in wrong hands that turns to a broker: it holds the words of its channel and
 * of the broker, and what it writes there is up to it.
 */
import { type Forgery, withForgedGuests } from "./forged_guest.ts";
import type { Aegis, Sandbox } from "../../../mod.ts";
import { type BrokerPerformer, type OperationName, OPERATIONS } from "../../../src/protocol/operations.ts";
import { TURNS } from "../../../src/protocol/layout.ts";

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
function library(broker: BrokerPerformer): string {
  return `
  // A frame area of 1 MiB, so that whatever is written fits.
  if (buffer.byteLength < 1 << 20) buffer.grow(1 << 20);
  const CODES = ${CODES}, link = event.data.brokers.${broker}, shared = link.words, MINE = ${TURNS[broker]};
  let at = 128;
  const u8 = (value) => { view.setUint8(at, value); at += 1; };
  const u32 = (value) => { view.setUint32(at, value, true); at += 4; };
  const f64 = (value) => { view.setFloat64(at, value, true); at += 8; };
  const text = (value) => { u32(value.length); for (const c of value) u8(c.charCodeAt(0)); };
  const bytesOf = (value) => { u32(value.length); at = (at + 7) & ~7; for (const c of value) u8(c.charCodeAt(0)); };
  const begin = (name) => { at = 128; u32(CODES[name] ?? name); };
  const ring = () => { Atomics.add(shared, link.bell, 1); Atomics.notify(shared, link.bell); };
  const post = (kind, length) => {
    Atomics.store(words, KIND, kind);
    Atomics.store(words, LENGTH, length);
    Atomics.store(words, TURN, MINE);
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
}

/** A module for a guest that is none: the host links and calls it as if it were there. */
const TEXT = `(module (func (export "run") (result i32) (i32.const 0)))`;

/** Starts a sandbox whose guest is forged; `run` returns what its program says. */
export async function startForged(
  runtime: Aegis,
  options: { readonly broker: BrokerPerformer; readonly forgery: Forgery; readonly timeout?: number },
): Promise<Sandbox> {
  return await withForgedGuests(library(options.broker) + options.forgery, async () => {
    const sandbox = await runtime.sandbox({ timeout: options.timeout ?? 5000 }).build();
    await sandbox.loadModule(await runtime.loadWat(TEXT));
    return sandbox;
  });
}

/** Names of the operations of a broker. */
export function operationsOf(broker: BrokerPerformer): readonly OperationName[] {
  return (Object.keys(OPERATIONS) as OperationName[]).filter((name) => OPERATIONS[name].by === broker); // its own keys
}
