/**
 * G53: a state that somebody wrote by hand. It names functions that there are, where their types do not fit: fails, or
 * never ends, when the interpreter does not look at the type of what call_ref and return_call_ref call. And its counters
 * are below zero, or no numbers: fails when they are not looked at. And functions of the guest's stand where those stand
 * that are asked before it grows: fails when the table of the hooks is restored.
 */
import { Aegis, AegisError } from "../../../mod.ts";
import type { GuestState } from "../../../src/guest/guest_state.ts";
import { restoreStore, saveStore, type StoreState } from "../../../src/interp/run/store_state.ts";
import { encodeData } from "../../../src/protocol/data.ts";
import { decodeSnapshot, encodeSnapshot } from "../../../src/sandbox/snapshot.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { callExport, newStore, outcome } from "../../interp/rig.ts";
import { compileModule } from "../../../src/interp/compile/compile_module.ts";
import { compileText } from "../../testsuite/module_bytes.ts";

/** `$seven` is what a local, a global and a table hold; `$wide` is what is put in its place: its frame is another. */
const TYPED = compileText(`(module
  (type $f (func (result i32)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (global $g (mut (ref null $f)) (ref.null $f))
  (table $t 1 (ref null $f))
  (elem declare func $seven $wide)
  (func $seven (type $f) (i32.const 7))
  (func $wide (param i64 i64 i64 i64) (result i32) (i32.const 666))
  (func (export "local") (result i32) (local $r (ref null $f))
    (local.set $r (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (i32.add (i32.const 0) (call_ref $f (local.get $r))))
  (func (export "tail") (result i32) (local $r (ref null $f))
    (local.set $r (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (return_call_ref $f (local.get $r)))
  (func (export "global") (result i32)
    (global.set $g (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (i32.add (i32.const 0) (call_ref $f (global.get $g))))
  (func (export "table") (result i32)
    (table.set $t (i32.const 0) (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (i32.add (i32.const 0) (call_ref $f (table.get $t (i32.const 0))))))`);

/** A store with the module, whose host saves the state when it is asked. */
function hosted() {
  const store = newStore(), saved: StoreState[] = [];
  const ask = () => {
    saved.push(structuredClone(saveStore(store)));
    return 0;
  };
  return { store, saved, exports: store.instantiate(compileModule(TYPED), [ask]) };
}

/** The bytes with one word in the place of another, wherever it stands. */
function replaced(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const copy = bytes.slice(), words = new Int32Array(copy.buffer, 0, copy.length >> 2);
  for (const [at, word] of words.entries()) if (word === from) words[at] = to;
  return copy;
}

for (const place of ["local", "tail", "global", "table"]) {
  Deno.test(`G53 a reference in a ${place} to a function of another type, made up in a state, is not called`, () => {
    const here = hosted();
    assertEquals(callExport(here.exports, place), 7);
    const [state] = here.saved, [, seven, wide] = here.store.functions;
    assert(state?.stack !== undefined && seven !== undefined && wide !== undefined);
    const there = hosted(), changed = (bytes: Uint8Array) => replaced(bytes, seven.record, wide.record);
    restoreStore(there.store, {
      ...state,
      instances: state.instances.map((instance) => ({ ...instance, globals: changed(instance.globals) })),
      tables: state.tables.map(({ elements }) => ({
        elements: elements.map((element) => element === seven.number ? wide.number : element),
      })),
      stack: { ...state.stack, bytes: changed(state.stack.bytes) },
    });
    assertEquals(outcome(() => there.store.processor.resume()), "trap: function signature mismatch");
  });
}

/** A budget below zero would be more than the limit; a number that is none is never above one. */
const COUNTERS: readonly Partial<Record<keyof GuestState, unknown>>[] = [
  { consumed: -(10n ** 15n) },
  { consumed: 1 },
  { consumedBefore: -1n },
  { callFuel: -1n },
  { callFuel: 2 ** 60 },
  { hostCalls: -1e15 },
  { hostCalls: NaN },
  { hostCalls: "1" },
  { refusals: -1 },
];

Deno.test("G53 counters of a state that are below zero, or no numbers, are refused: they would lift a limit", async () => {
  await using runtime = await Aegis.create({ engine: "interpreter", fuelLimit: 10_000, timeout: 5000 });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(`(module (func (export "run") (loop $l (br $l))))`));
  const content = await decodeSnapshot(await sandbox.snapshot());
  const restored = async (change: object) =>
    await runtime.restore(
      await encodeSnapshot({ ...content, state: encodeData({ ...content.state, ...change }) }),
    );
  await using same = await restored({});
  assertEquals((await same.tryCall("run")).kind, "limit");
  for (const change of COUNTERS) {
    const error = await assertRejects(() => restored(change), AegisError);
    assertEquals(error.code, "SnapshotInvalid", `${Object.keys(change)}: ${error.message}`);
    assert(/state\.\w+ is no (?:amount|whole number)$/.test(error.message), error.message);
  }
});

Deno.test("G53 a state cannot put functions of the guest's in the place of those that are asked before it grows", async () => {
  await using runtime = await Aegis.create({ engine: "interpreter", memoryLimit: "16MiB", timeout: 5000 });
  const options = { memoryLimit: "1MiB" } as const;
  await using sandbox = await runtime.sandbox().withMemoryLimit("1MiB").build();
  await sandbox.loadModule(
    await runtime.loadWat(`(module (memory (export "memory") 1)
      (func (param i32 i64) (result i32) (i32.const 1))
      (func (export "run") (result i32) (drop (memory.grow (i32.const 100))) (memory.size)))`),
  );
  const content = await decodeSnapshot(await sandbox.snapshot()), { store } = content.state;
  // The hooks stand in the last table; the guest's function of their type may have any of the first numbers.
  for (const number of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const tables = store.tables.map(({ elements }, index) => ({
      elements: index === store.tables.length - 1
        ? Int32Array.from(elements, (element) => element === -1 ? -1 : number)
        : elements,
    }));
    const state = encodeData({ ...content.state, store: { ...store, tables } });
    await using other = await runtime.restore(await encodeSnapshot({ ...content, state }), options);
    assertEquals(await other.call("run"), 1);
  }
});

Deno.test("G53 a call in a state that is no call is refused by an error of ours", async () => {
  await using runtime = await Aegis.create({ engine: "interpreter", timeout: 5000 });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(`(module (func (export "run")))`));
  const content = await decodeSnapshot(await sandbox.snapshot());
  for (const call of [null, 1, "run", {}, [], { instance: -1, exported: 0, rooms: [] }]) {
    const bytes = await encodeSnapshot({ ...content, state: encodeData({ ...content.state, call }) });
    const error = await assertRejects(() => runtime.restore(bytes), AegisError);
    assertEquals(error.code, "SnapshotInvalid", `${error}`);
  }
});
