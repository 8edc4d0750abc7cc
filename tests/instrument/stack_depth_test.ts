/** Whatever way frames are counted, by parameters or in the global, their bytes add up when the stack hook is called. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { planStack } from "../../src/analysis/stack_plan.ts";
import type { GuestInstance } from "../../src/guest/instance.ts";
import { validModule } from "../analysis/text_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, globalValue, InstrumentedRun, type RunOptions } from "./instrumented.ts";

/** A module whose `f` recurs for ever, and what a number of turns takes of the stack: frames, and those of entries. */
interface DeepRow {
  /** Counts its turns in global 0; global 1 says how many frames there are of `$deep`; `$again` is an import that calls `f`. */
  readonly fields: string;
  readonly used: (turns: number, bytes: Bytes, deep: number) => number;
}

/** Bytes by body. */
interface Bytes {
  readonly frame: readonly number[];
  readonly entry: readonly number[];
}

const repeat = (count: number, text: string): string => Array.from({ length: count }, () => text).join(" ");

const TURN = "global.get 0 i32.const 1 i32.add global.set 0";

/** Whether a bit of the number of turns is set. */
const isTurn = (bit: number) => `global.get 0 i32.const ${bit} i32.and`;

const MAIN = '(func (export "f") call $g)', TABLE = "(table 1 funcref) (elem (i32.const 0) $g)";

/** `turns + 1` frames of a function: the last is that which is counted too much. */
const frames = (turns: number, { frame: [bytes = 0] }: Bytes): number => (turns + 1) * bytes;

/** Ten frames that end by a throw. The function that calls them is the first, they are of the second. */
const DEEP_FRAMES = `(func $deep (param i32) local.get 0 i32.eqz if throw $t end
  global.get 1 i32.const 1 i32.add global.set 1 local.get 0 i32.const 1 i32.sub call $deep)`;
const CAUGHT =
  "block $b (try_table (catch_all $b) i32.const 1 global.set 1 i32.const 9 call $deep) end i32.const 0 global.set 1";

const framesAndDeep = (turns: number, { frame: [own = 0, each = 0] }: Bytes, deep: number): number =>
  turns * own + (deep === 0 ? own : deep * each);

const DEEP: Readonly<Record<string, DeepRow>> = {
  "a function that calls itself": { fields: `(func $g ${TURN} call $g) ${MAIN}`, used: frames },
  "one that is exported": {
    fields: `(func $g (export "f") ${TURN} call $g)`,
    used: (turns, bytes) => frames(turns, bytes) + (bytes.entry[0] ?? 0),
  },
  "one whose locals leave places for nothing": {
    fields: `(func $g (local f32) ${TURN} call $g) ${MAIN}`,
    used: frames,
  },
  "one with several results": {
    fields: `(func $g (result i32 i32) ${TURN} call $g) (func (export "f") call $g drop drop)`,
    used: frames,
  },
  "one that has a short way out": {
    fields: `(func $g (param i32) local.get 0 if ${TURN} i32.const 1 call $g end)
      (func (export "f") i32.const 1 call $g)`,
    used: frames,
  },
  "two that call each other": {
    fields: `(func $g ${TURN} call $h) (func $h (local i64 i64 i64) ${TURN} call $g) ${MAIN}`,
    used: (turns, { frame: [first = 0, second = 0] }) =>
      ((turns >> 1) + 1) * first + ((turns + 1) >> 1) * second,
  },
  "one through a table": {
    fields: `${TABLE} (func $g (export "f") ${TURN} i32.const 0 call_indirect)`,
    used: frames,
  },
  "one through a table and directly by turns": {
    fields: `${TABLE} (func $g (export "f") ${TURN} ${
      isTurn(1)
    } if call $g else i32.const 0 call_indirect end)`,
    used: (turns, bytes) => frames(turns, bytes) + ((turns >> 1) + 1) * (bytes.entry[0] ?? 0),
  },
  "one through an import": { fields: `(func $g (export "f") ${TURN} call $again)`, used: frames },
  "one through an import and directly by turns": {
    fields: `(func $g (export "f") ${TURN} ${isTurn(1)} if call $g else call $again end)`,
    used: (turns, bytes) => frames(turns, bytes) + ((turns >> 1) + 1) * (bytes.entry[0] ?? 0),
  },
  "one that a large frame calls": {
    fields: `(func $g ${TURN} call $g) (func (export "f") (local v128 ${repeat(3000, "i64")}) call $g)`,
    used: (turns, bytes) => frames(turns, bytes) + (bytes.frame[1] ?? 0),
  },
  "one that a large frame calls through a small one": {
    fields: `(func $g ${TURN} call $g) (func (export "f") (local v128 ${repeat(3000, "i64")}) call $m)
      (func $m loop call $g br 0 end)`,
    used: (turns, bytes) => frames(turns, bytes) + (bytes.frame[1] ?? 0),
  },
  "one that is called by a tail call, and calls": {
    fields: `(func $g ${TURN} return_call $h) (func $h (local i32 i64 i64) ${TURN} call $g) ${MAIN}`,
    used: (turns, { frame: [first = 0, second = 0] }) => (turns >> 1) * second + (turns & 1 ? second : first),
  },
  "one that is called by a tail call through a table, and calls": {
    fields: `(table 1 funcref) (elem (i32.const 0) $h) (func $g ${TURN} i32.const 0 return_call_indirect)
      (func $h (local i64 i64) ${TURN} call $g) ${MAIN}`,
    used: (turns, { frame: [first = 0, second = 0, main = 0] }) =>
      main + (turns >> 1) * second + (turns & 1 ? second : first),
  },
  "one that is called where frames have ended by a throw": {
    fields: `(tag $t) (func $g ${TURN} call $g) ${DEEP_FRAMES} (func (export "f") ${CAUGHT} call $g)`,
    used: (turns, bytes) => frames(turns, bytes) + (bytes.frame[2] ?? 0),
  },
  "one in whose every frame others have ended by a throw": {
    fields: `(tag $t) (func $g ${TURN} ${CAUGHT} call $g) ${DEEP_FRAMES} ${MAIN}`,
    used: framesAndDeep,
  },
  "one through a table, in whose every frame others have ended by a throw": {
    fields:
      `(tag $t) ${TABLE} (func $g (export "f") ${TURN} ${CAUGHT} i32.const 0 call_indirect) ${DEEP_FRAMES}`,
    used: framesAndDeep,
  },
  "one in a handler": {
    fields:
      `(tag $t) (func $g (local exnref) ${TURN} block $b (try_table (catch_all $b) call $g) end) ${DEEP_FRAMES} ${MAIN}`,
    used: frames,
  },
};

/** The module's text, and bytes of its frames. */
function built({ fields }: DeepRow): { bytes: Uint8Array<ArrayBuffer>; plan: Bytes } {
  const imports = fields.includes("$again") ? '(import "m" "again" (func $again))' : "";
  const bytes = compileText(
    `(module ${imports} (global (export "turns") (mut i32) (i32.const 0))
      (global (export "deep") (mut i32) (i32.const 0)) ${fields})`,
  );
  const { module, maxOperandBytes } = validModule(bytes);
  const stack = planStack(module, { plan: planModule(module, DEFAULT_COSTS), maxOperandBytes });
  // A frame that is not counted takes nothing.
  const frame = [...stack.frame].map((bytes, body) => stack.counted[body] === 1 ? bytes : 0);
  return { bytes, plan: { frame, entry: [...stack.entry] } };
}

const turnsOf = (instance: GuestInstance): number => Number(globalValue(instance.exports, "turns"));
const deepOf = (instance: GuestInstance): number => Number(globalValue(instance.exports, "deep"));

/** Bytes at which the hook is called. */
const CAPS = [30_000, 30_033, 41_111] as const;

/** What is seen when the stack hook is called first, which ends the call. */
async function overflow(
  row: DeepRow,
  bytes: Uint8Array<ArrayBuffer>,
  stackCap: number,
): Promise<readonly [turns: number, used: number, deep: number]> {
  const seen: (readonly [number, number, number])[] = [];
  const hooks: RunOptions["hooks"] = {
    stack: (instance) => {
      seen.push([turnsOf(instance), instance.stackUsed.value, deepOf(instance)]);
      instance.kill();
      throw new Error("The stack is used up");
    },
  };
  const imports: RunOptions["imports"] = row.fields.includes("$again") ? [{ ours: () => run.call("f") }] : [];
  const run: InstrumentedRun = await InstrumentedRun.start(bytes, { hooks, stackCap, imports });
  assertThrows(() => run.call("f"), WebAssembly.RuntimeError, "unreachable");
  assert(seen[0] !== undefined);
  return seen[0];
}

for (const [name, row] of Object.entries(DEEP)) {
  Deno.test(`the stack hook is called when the frames exceed the cap: ${name}`, async () => {
    const { bytes, plan } = built(row);
    for (const cap of CAPS) {
      const [turns, used, deep] = await overflow(row, bytes, cap);
      assertEquals(used, row.used(turns, plan, deep), `after ${turns} turns`);
      assert(turns > 20 && used > cap, `${turns} turns, ${used} bytes`);
      assert(row.used(turns - 1, plan, 0) <= cap, "no sooner");
    }
  });
}

/** Functions whose argument says how often they recur. */
const FINITE: Readonly<Record<string, string>> = {
  "directly": `(func $g (param i32) ${TURN} local.get 0 if local.get 0 i32.const 1 i32.sub call $g end)
    (func (export "f") (param i32) local.get 0 call $g)`,
  "through a table and directly by turns": `(type $t (func (param i32))) ${TABLE}
    (func $g (export "f") (param i32) ${TURN} local.get 0 if local.get 0 i32.const 1 i32.sub
      ${isTurn(1)} if (param i32) call $g else i32.const 0 call_indirect (type $t) end end)`,
  "out of frames that catch": `(tag $t)
    (func $g (param i32) ${TURN} block $b (try_table (catch_all $b)
      local.get 0 i32.eqz if throw $t end local.get 0 i32.const 1 i32.sub call $g
      local.get 0 i32.const 3 i32.and i32.eqz if throw $t end) end)
    (func (export "f") (param i32) local.get 0 call $g)`,
};

for (const [name, fields] of Object.entries(FINITE)) {
  Deno.test(`a call goes on where it was when the stack hook gives it more: ${name}`, async () => {
    const { bytes } = built({ fields, used: () => 0 }), seen: number[] = [];
    const run = await InstrumentedRun.start(bytes, {
      stackCap: 1000,
      hooks: {
        stack: (instance) => {
          seen.push(instance.stackUsed.value);
          instance.stackCap.value = instance.stackUsed.value + 1000;
        },
      },
    });
    run.call("f", [200]);
    assertEquals([turnsOf(run.instance), run.instance.stackUsed.value], [201, 0]);
    assert(seen.length > 5, `${seen.length} calls`);
    for (let call = 1; call < seen.length; call++) assert((seen[call] ?? 0) > (seen[call - 1] ?? 0) + 1000);
    const called = seen.length;
    callExport(run.instance.exports, "f", [200]);
    assertEquals([run.instance.stackUsed.value, seen.length], [0, called], "as deep as before");
  });
}

Deno.test("tail calls take no more of the stack, however many", async () => {
  const { bytes } = built({
    fields: `(func $g (param i32) local.get 0 if local.get 0 i32.const 1 i32.sub return_call $h end)
      (func $h (param i32) local.get 0 if local.get 0 i32.const 1 i32.sub return_call $g end)
      (func (export "f") (param i32) local.get 0 call $g)`,
    used: () => 0,
  });
  const run = await InstrumentedRun.start(bytes, { stackCap: 200 });
  run.call("f", [100_000]);
  assertEquals(run.instance.stackUsed.value, 0);
});

Deno.test("a short way out takes nothing of the stack, where the frame is small", async () => {
  for (const [locals, called] of [[1, false], [300, true]] as const) {
    const { bytes, plan } = built({
      fields: `(func $g (param i32) (local i32 i32 ${repeat(locals, "i64")})
        local.get 0 if local.get 0 i32.const 1 i32.sub call $g end) (func (export "f") (param i32) local.get 0 call $g)`,
      used: () => 0,
    });
    let calls = 0;
    const stackCap = 5 * (plan.frame[0] ?? 0);
    const run = await InstrumentedRun.start(bytes, { stackCap, hooks: { stack: () => void calls++ } });
    run.call("f", [5]); // five frames, and the way out
    assertEquals(calls, called ? 1 : 0, `${locals} locals`);
    run.call("f", [6]);
    assert(calls > (called ? 1 : 0), `${locals} locals`);
  }
});
