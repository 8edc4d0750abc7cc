/** What each function consumes, where charges are passed from one to another, and how frames are told. */
import { InterpreterEngine } from "../../src/guest/interpreter_engine.ts";
import type { Watcher } from "../../src/interp/run/watcher.ts";
import { Profiler } from "../../src/interp/watch/profiler.ts";
import { Stepper } from "../../src/interp/watch/stepper.ts";
import { WatchedModules } from "../../src/interp/watch/watched_modules.ts";
import { assertEquals } from "../assert.ts";
import { prepareWide } from "../instrument/instrumented.ts";
import { GuestInstance } from "../../src/guest/instance.ts";
import type { WatchLevel } from "../../src/interp/compile/watch_code.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport } from "../interp/rig.ts";

/** An instance in the interpreter whose calls can be watched; its fuel is what its counter has gone down by. */
async function instance(fields: string, watch: WatchLevel) {
  const bytes = compileText(`(module ${fields})`),
    prepared = await prepareWide(bytes, { engine: "interpreter", watch });
  const current: { watcher?: Watcher } = {},
    runner = new InterpreterEngine(1 << 20, { watcher: () => current.watcher });
  let granted = 0n;
  const hooks = {
    refuel: (of: GuestInstance) => {
      granted += 1_000_000n;
      of.fuel.value += 1_000_000n;
    },
    stack: () => {},
    unwound: () => {},
    growMemory: () => 1,
    growTable: () => 1,
  };
  const guest = new GuestInstance(
    prepared.layout,
    { ...prepared, support: support(prepared), module: code(prepared), runner },
    [],
    hooks,
  );
  guest.stackCap.value = 0x7fffffff;
  const { store } = runner;
  if (store === undefined) throw new Error("There is no store");
  guest.start();
  return {
    guest,
    current,
    store,
    consumed: () => granted - guest.fuel.value,
    moduleOf: new WatchedModules().of,
  };
}

type Made = Awaited<ReturnType<typeof prepareWide>>;

function support({ support }: Made): WebAssembly.Module {
  if (support instanceof WebAssembly.Module) return support;
  throw new TypeError("The core was not compiled");
}

function code({ module }: Made) {
  if (module instanceof Uint8Array) throw new TypeError("The code is bytes");
  return module;
}

async function profileOf(fields: string, name: string, ...args: unknown[]) {
  const { guest, current, store, consumed, moduleOf } = await instance(fields, "functions");
  const before = consumed(), profiler = new Profiler({ store, consumed, moduleOf });
  current.watcher = profiler;
  try {
    callExport(guest.exports, name, ...args);
  } catch { /* it traps */ }
  const { fuel, functions, stacks, other } = profiler.end(1 << 20);
  assertEquals([BigInt(fuel), other], [consumed() - before, 0]);
  const rows = functions.map(({ name, calls, self, total }) => `${name} ${calls} ${self} ${total}`).sort();
  return { rows, stacks };
}

/** A function that is charged at its callers, and one with a loop of its own. */
const SELF = `(type $t (func (param i32) (result i32))) (table funcref (elem $heavy $light))
  (func $light (export "light") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $heavy (export "heavy") (param i32) (result i32)
    (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
  (func (export "direct") (result i32) (i32.add (call $heavy (i32.const 10)) (call $light (i32.const 1))))
  (func (export "table") (result i32) (i32.add
    (call_indirect (type $t) (i32.const 10) (i32.const 0)) (call_indirect (type $t) (i32.const 1) (i32.const 1))))
  (func (export "tail") (result i32) (return_call $heavy (i32.const 10)))
  (func (export "recur") (param i32) (result i32) (if (result i32) (local.get 0)
    (then (i32.add (call 5 (i32.sub (local.get 0) (i32.const 1))) (call $heavy (i32.const 10)))) (else (i32.const 0))))
  (func (export "fails") (result i32) (drop (call $heavy (i32.const 10))) (drop (call $light (i32.const 1))) unreachable)
  (func $divide (param i32) (result i32) (loop $l (br_if $l (i32.const 0))) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "owes") (result i32) ${"(drop (i32.const 1))".repeat(40)} (call $divide (i32.const 0)))`;

Deno.test("a function consumes the same whichever way it is called", async () => {
  const alone = async (name: string, arg: number) => {
    const { rows: [row = ""] } = await profileOf(SELF, name, arg);
    return Number(row.split(" ")[2]);
  };
  const heavy = await alone("heavy", 10), light = await alone("light", 1);
  assertEquals([heavy, light], [52, 4]);
  const both = [`heavy 1 ${heavy} ${heavy}`, `light 1 ${light} ${light}`];
  assertEquals((await profileOf(SELF, "direct")).rows, [`direct 1 6 ${6 + heavy + light}`, ...both]);
  assertEquals((await profileOf(SELF, "table")).rows, [...both, `table 1 8 ${8 + heavy + light}`]);
  const tail = await profileOf(SELF, "tail");
  assertEquals(tail.rows, [`heavy 1 ${heavy} ${heavy}`, "tail 1 3 3"]);
  assertEquals(tail.stacks, `tail 3\nheavy ${heavy}\n`);
  const recursive = await profileOf(SELF, "recur", 3);
  assertEquals(recursive.rows, [`heavy 3 ${3 * heavy} ${3 * heavy}`, `recur 4 34 ${34 + 3 * heavy}`]);
  const owed = await profileOf(SELF, "owes");
  assertEquals(owed.rows.map((row) => Number(row.split(" ")[2]) >= 0), [true, true]);
  const fails = await profileOf(SELF, "fails");
  assertEquals(fails.rows.filter((row) => !row.startsWith("fails")), both);
});

Deno.test("what a function does after it has caught an exception is counted to it", async () => {
  const { rows } = await profileOf(
    `(tag $e) (func $throw (if (i32.const 1) (then (throw $e))))
    (func (export "catch") (block $h (try_table (catch $e $h) (call $throw))) ${
      "(drop (i32.const 1))".repeat(30)
    })`,
    "catch",
  );
  assertEquals(rows, ["catch 1 34 87", "func[0] 1 53 53"]);
});

Deno.test("Stepper.fuel never falls, and is what was consumed when the call has ended", async () => {
  const { guest, current, store, consumed, moduleOf } = await instance(SELF, "instructions");
  const fuel: bigint[] = [], before = consumed();
  const stepper: Stepper = new Stepper({ store, consumed, moduleOf }, () => {
    fuel.push(stepper.fuel - before);
    return { go: "step", count: 1 };
  });
  current.watcher = stepper;
  callExport(guest.exports, "recur", 3);
  // Ends of blocks are stops, too, where code comes to them from above.
  const heavy = 1 + 10 * 5 + 1 + 2, calling = 9 + 2, last = 5;
  assertEquals(fuel.length, 3 * heavy + 3 * calling + last);
  assertEquals(fuel, fuel.toSorted((a, b) => Number(a - b)));
  assertEquals(fuel.at(-1), consumed() - before);
});

Deno.test("Stepper.frames() tells locals as the guest has them, where instrumentation passes its own in their places", async () => {
  const { guest, current, store, consumed, moduleOf } = await instance(
    `(func $own (param i64) (result i32) (local i32 i32 f64) (local.set 1 (i32.const 5)) (local.set 2 (i32.const 6))
      (if (i64.eqz (local.get 0)) (then (return (local.get 1)))) (call $own (i64.sub (local.get 0) (i64.const 1))))
    (func (export "call") (result i32) ${
      "(drop (i32.const 1))".repeat(9)
    } (i32.add (call $own (i64.const 1)) (i32.const 1)))`,
    "instructions",
  );
  const seen: string[] = [];
  const stepper: Stepper = new Stepper({ store, consumed, moduleOf }, (reason) => {
    const [frame] = stepper.frames();
    if (reason === "breakpoint") seen.push(frame?.locals.map(({ text }) => text).join() ?? "");
    return { go: "continue" };
  });
  stepper.breakAt("0");
  current.watcher = stepper;
  assertEquals(callExport(guest.exports, "call"), 6);
  assertEquals(seen, ["1,0,0,0", "0,0,0,0"]);
});

Deno.test("Stepper.frames() tells where callers call, through a table, too", async () => {
  const { guest, current, store, consumed, moduleOf } = await instance(SELF, "instructions"),
    seen: string[] = [];
  const stepper: Stepper = new Stepper({ store, consumed, moduleOf }, (reason) => {
    if (reason === "breakpoint") {
      seen.push(stepper.frames().map(({ functionName, text }) => `${functionName}: ${text}`).join(" < "));
    }
    return { go: "continue" };
  });
  stepper.breakAt("light, heavy");
  current.watcher = stepper;
  callExport(guest.exports, "table");
  callExport(guest.exports, "direct");
  assertEquals(seen, [
    "heavy: loop < table: call_indirect (type 0)",
    "light: local.get 0 < table: call_indirect (type 0)",
    "heavy: loop < direct: call 1",
    "light: local.get 0 < direct: call 0",
  ]);
});
