/**
 * The guest's side of WASI on a host that is none: calls with any arguments over any memory, which may grow between
 * them. Each gives an error number, writes where its arguments say, and leaves no descriptor behind.
 */
import { ERRNO } from "../../../src/protocol/errno.ts";
import {
  WASI_FUNCTIONS,
  WASI_MODULES,
  type WasiFunctionName,
  wasiFunctionNames,
} from "../../../src/wasi/functions.ts";
import { FakeGuest } from "../../wasi/fake_guest.ts";
import { SETTINGS } from "../../wasi/fake_host.ts";
import { Choices } from "../choices.ts";
import type { Input, Target } from "../target.ts";
import { strayWrite } from "../wasi_outputs.ts";

const MODULES = ["wasi_snapshot_preview1", "wasi_unstable"] as const;

/** All but the one after which nothing is called. */
function lasting(module: (typeof MODULES)[number]): WasiFunctionName[] {
  return wasiFunctionNames(module).filter((name) => name !== "proc_exit");
}

const NAMES = {
  wasi_snapshot_preview1: lasting("wasi_snapshot_preview1"),
  wasi_unstable: lasting("wasi_unstable"),
} as const satisfies Record<(typeof MODULES)[number], unknown>;

/** What a step does that is no call, by its number. */
const STEPS = { poke: 250, grow: 251, input: 252, room: 253 } as const;

const ERRNO_COUNT = Object.keys(ERRNO).length;

const ENCODER = new TextEncoder();

function measure(texts: readonly string[]): readonly [number, number] {
  return [texts.length, texts.reduce((sum, text) => sum + ENCODER.encode(text).length + 1, 0)];
}

const STRINGS = {
  args: measure(SETTINGS.args),
  env: measure(SETTINGS.env.map(([name, value]) => `${name}=${value}`)),
};

/** Descriptors that a guest may have; the host's own bound is a test of the broker's. */
const MOST_OPEN = 1100;

function attempt(input: Input): void {
  const choices = new Choices(input), module = choices.pick(MODULES);
  const guest = new FakeGuest({ module, trees: [{ file: "0123456789", "sub/file": "x", "empty/": "" }] }),
    { host } = guest;
  guest.open("file");
  guest.open("sub", { rights: 2n ** 64n - 1n & ~64n });
  guest.put("file");
  guest.put("sub/new");
  const bound = new Map(NAMES[module].map((name) => [name, guest.bound(name)]));
  const names = NAMES[module];
  for (let step = 0; step < 200 && !choices.ended; step++) {
    const which = choices.byte();
    if (which === STEPS.poke) poke(guest, choices);
    else if (which === STEPS.grow) grow(guest);
    else if (which === STEPS.input) host.operations.input.push("some input".repeat(1 + choices.below(4)));
    else if (which === STEPS.room) host.room = 512 + choices.u16();
    else call(guest, names[which % names.length] ?? "fd_close", { choices, module, bound });
  }
  if (host.operations.opened > MOST_OPEN) throw new Error(`${host.operations.opened} descriptors are open`);
  guest.wasi.reset();
  if (host.operations.opened !== 0) throw new Error(`${host.operations.opened} descriptors are left behind`);
}

function poke(guest: FakeGuest, choices: Choices): void {
  const at = choices.u16(), bytes = choices.bytes(choices.byte());
  guest.bytes.set(bytes.subarray(0, Math.max(0, guest.buffer.byteLength - at)), at);
}

function grow(guest: FakeGuest): void {
  if (guest.buffer.byteLength < 4 * 65_536) {
    guest.buffer = guest.buffer.transfer(guest.buffer.byteLength + 65_536);
  }
}

function call(
  guest: FakeGuest,
  name: WasiFunctionName,
  { choices, module, bound }: {
    readonly choices: Choices;
    readonly module: (typeof MODULES)[number];
    readonly bound: ReadonlyMap<WasiFunctionName, ReturnType<FakeGuest["bound"]>>;
  },
): void {
  const args = WASI_FUNCTIONS[name].params.map((kind) => kind === "i64" ? choices.i64() : choices.i32());
  const before = new DataView(guest.buffer.slice());
  guest.host.patience = 5;
  guest.host.operations.emptyPolls = choices.below(3);
  const errno = bound.get(name)?.(...args);
  const what = `${name}(${args.join(", ")})`;
  if (errno === undefined || !Number.isInteger(errno) || errno < 0 || errno >= ERRNO_COUNT) {
    throw new Error(`No error number: ${what} gave ${errno}`);
  }
  const unsigned = args.map((arg) => typeof arg === "number" ? arg >>> 0 : Number(BigInt.asUintN(64, arg)));
  const made = { args: unsigned, before, strings: STRINGS, filestat: WASI_MODULES[module].filestat.size };
  const stray = strayWrite(name, made, guest.bytes);
  if (stray !== undefined) throw new Error(`Stray write: ${what} gave ${errno} and wrote to ${stray}`);
}

/** Every function once, with arguments that work or nearly do. */
function seeds(): Input[] {
  return MODULES.flatMap((module, index) => {
    const each = NAMES[module].map((_, which) =>
      Uint8Array.from([
        index,
        which,
        ...Array.from({ length: 9 }, (_, at) => [3 + at % 4, 5 + at % 3]).flat(),
      ])
    );
    return [...each, Uint8Array.from([index, ...NAMES[module].keys(), ...new Array<number>(64).fill(4)])];
  });
}

export const target: Target = {
  doc: "WASI functions on a fake host: an error number each, no stray write, no descriptor left behind",
  seeds,
  words: [
    Uint8Array.of(STEPS.poke, 0, 4, 8, 0, 8, 0, 0, 16, 0, 0, 0),
    Uint8Array.of(STEPS.grow),
    Uint8Array.of(STEPS.input, 2),
    ...["file", "sub/file", "..", "/", "sub/../file", "\0", "a/", "//"],
  ],
  mostBytes: 2048,
  patience: { base: 500, perKiB: 200 },
  open: () => ({ attempt }),
};
