/**
 * The host's end of a channel whose guest fell into wrong hands: what the guest writes into the shared memory comes from
 * the input, turn by turn. Every call of the host ends in an outcome, a value or an error of ours, and the sandbox that
 * comes after works as ever.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { FRAME_START, FRAMES, RESULTS, TURNS, WORDS } from "../../../src/protocol/layout.ts";
import { OPERATIONS } from "../../../src/protocol/operations.ts";
import { Aegis, type AegisModule, type Sandbox } from "../../../mod.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { Choices } from "../choices.ts";
import { type GuestTurn, withGuestsHere } from "../guest_here.ts";
import type { Attempts, Input, Target } from "../target.ts";

const TEXT = `(module
  (import "env" "add" (func $add (param i32 i64) (result i64)))
  (import "env" "say" (func $say (param i32)))
  (memory (export "memory") 1)
  (func (export "run") (param i32 f64) (result i32 i64) (i32.const 1) (i64.const 2))
  (func (export "short") (param i32) (result i32) (call $say (i32.const 1)) (local.get 0))
  (func (export "text") (param i32 i32) (result i64) (call $add (i32.const 1) (i64.const 2))))`;

/** Turns that the input decides; after them the guest answers that all is well. */
const MOST_TURNS = 24;

/** Kinds of frames, those that come from a guest first and often. */
const KINDS = [
  ...[FRAMES.result, FRAMES.result, FRAMES.hostCall, FRAMES.hostCall, FRAMES.operation, FRAMES.operation],
  ...Object.values(FRAMES),
] as const;

/** What the host does with a sandbox, one after the other. */
const USES: readonly ((sandbox: Sandbox) => unknown)[] = [
  (sandbox) => sandbox.tryCall("run", [1, 2]),
  (sandbox) => sandbox.tryCall("short", [7]),
  (sandbox) => sandbox.callMany("short", [[1], [2], [3]]),
  (sandbox) => sandbox.readMemory(0, 64),
  (sandbox) => sandbox.writeMemory(8, new Uint8Array(16)),
  (sandbox) => sandbox.tryCall("text", ["some text"], { type: { params: ["string"], results: ["string"] } }),
  (sandbox) => sandbox.tryCall("text", [{ a: 1 }], { type: { params: ["json"], results: ["msgpack"] } }),
  (sandbox) => sandbox.snapshot(),
  (sandbox) => sandbox.reset(),
  (sandbox) => sandbox.metrics(),
];

/** Writes a frame that the input decides, and gives the turn to whom it says. */
function forge({ words, bytes, pass }: GuestTurn, choices: Choices): void {
  const how = choices.byte(), kind = how < 250 ? KINDS[how % KINDS.length] ?? 0 : choices.u32();
  const content = choices.bytes(choices.byte()), declared = choices.byte();
  bytes.set(content, FRAME_START);
  if (declared >= 250) words[WORDS.frameLength] = choices.u32() | 0;
  else {words[WORDS.frameLength] = declared >= 128
      ? content.length
      : Math.min(declared, bytes.length - FRAME_START);}
  words[WORDS.frameKind] = kind | 0;
  if (how % 16 === 15) words.set([choices.u32() | 0, choices.u32() | 0], 16 + choices.below(15));
  if (how % 32 === 30) words[WORDS.state] = choices.byte();
  pass(TURNS.host); // a turn that nobody gets back takes the grace of five seconds
}

/** An answer as an honest guest gives it, to any request. */
function answer({ words, bytes, pass }: GuestTurn): void {
  bytes.fill(0, FRAME_START, FRAME_START + 64);
  bytes[FRAME_START] = RESULTS.value;
  words[WORDS.frameKind] = FRAMES.result;
  words[WORDS.frameLength] = 5;
  pass(TURNS.host);
}

async function documented(use: () => unknown): Promise<void> {
  try {
    await use();
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
  }
}

class FramesTarget implements Attempts {
  /** Waiting for a bell alone keeps no process alive, and here is no thread that does. */
  readonly #awake = setInterval(() => {}, 1000);

  constructor(readonly runtime: Aegis, readonly module: AegisModule) {}

  async attempt(input: Input): Promise<void> {
    const choices = new Choices(input), which = choices.u16();
    let turns = 0;
    const guest = (turn: GuestTurn) =>
      turn.loads || choices.ended || turns++ >= MOST_TURNS ? answer(turn) : forge(turn, choices);
    const sandbox = await this.#start(guest);
    try {
      for (let use = 0; use < 3; use++) {
        const index = (which >> (use * 4)) % USES.length;
        await documented(() => USES[index]?.(sandbox));
      }
    } finally {
      await sandbox.close();
    }
    const next = await this.#start(answer);
    await documented(() => next.readMemory(0, 0));
    const ended = await next.tryCall("short", [1]);
    if (ended.kind !== "value" && ended.kind !== "fault") {
      throw new Error(`The next sandbox ended with ${ended.kind}`);
    }
    await next.close();
  }

  async #start(guest: (turn: GuestTurn) => void): Promise<Sandbox> {
    return await withGuestsHere(guest, async () => {
      const sandbox = await this.runtime.sandbox().build();
      sandbox.registerFunc("env", "add", { params: ["i32", "i64"], results: ["i64"] }, (_, wide) => wide);
      sandbox.registerFunc("env", "say", { params: ["i32"], results: [] }, () => {});
      await sandbox.loadModule(this.module);
      return sandbox;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#awake);
    await this.runtime.close();
  }
}

const CODER = new TextEncoder();

/** One input for each use with each kind of result, host call and operation. */
function seeds(): Input[] {
  const uses = USES.map((_, use) => Uint8Array.of(use, 0));
  const results = Object.values(RESULTS).map((code) =>
    Uint8Array.of(0, 0, 0, 40, code, ...new Uint8Array(39), 200)
  );
  const calls = [0, 1, 2].map((index) =>
    Uint8Array.of(1, 0, 2, 12, index, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 200)
  );
  const operations = Object.values(OPERATIONS).map(({ code }) =>
    Uint8Array.of(1, 0, 4, 12, code, 0, 0, 0, 1, 0, 0, 0, 4, 65, 65, 65, 200)
  );
  return [...uses, ...results, ...calls, ...operations, CODER.encode("any text at all")];
}

export const target: Target = {
  doc: "frames of a forged guest: every call ends as documented, the next sandbox works",
  seeds,
  words: [
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0, 0, 0x80),
    ...Object.values(RESULTS).map((code) => Uint8Array.of(0, 40, code)),
  ],
  mostBytes: 1024,
  patience: { base: 3000, perKiB: 500 },
  async open() {
    // Nothing that a forged guest does may hold a call for longer than this.
    const runtime = await Aegis.create({ isolation: "worker", timeout: 100 });
    return new FramesTarget(runtime, await runtime.loadBytes(compileText(TEXT)));
  },
};
