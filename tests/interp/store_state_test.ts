/** A store that is saved while its guest waits goes on elsewhere as it would have gone on here. */
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { InterpreterGlobal } from "../../src/interp/run/externals.ts";
import type { Store } from "../../src/interp/run/store.ts";
import { restoreStore, saveStore, StateError, type StoreState } from "../../src/interp/run/store_state.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { GENERATIONS, randomProgram } from "../generated/generator/random_program.ts";
import { I64, isRef, type ValueType } from "../../src/wasm/types.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { bytesOfMemory, callExport, type Exports, newStore, outcome } from "./rig.ts";

type Imports = readonly ((...args: unknown[]) => unknown)[];

interface Saved {
  readonly state: StoreState;
  /** What the host had been asked before. */
  readonly calls: number;
}

/** A run of modules whose host answers by the number of the call. */
class Hosted {
  readonly store: Store;
  readonly instances: Exports[] = [];
  calls = 0;
  /** Calls before which the store is saved. */
  readonly saved: Saved[] = [];

  constructor(readonly modules: readonly Uint8Array<ArrayBuffer>[], readonly saves = false) {
    this.store = newStore();
    for (const bytes of modules) {
      const module = compileModule(bytes);
      const imports = module.imports.map((item): unknown => {
        const from = this.instances.find((exports) =>
          item.module === "first" && exports[item.name] !== undefined
        );
        const type = module.types[module.functions[item.index] ?? -1]?.composite;
        const results = type?.kind === "func" ? type.results : [];
        return from === undefined ? (...args: unknown[]) => this.#answer(args, results) : from[item.name];
      });
      this.instances.push(this.store.instantiate(module, imports as Imports));
    }
  }

  #answer(args: readonly unknown[], results: readonly ValueType[]): unknown {
    if (this.saves) {
      this.saved.push({ state: structuredClone(saveStore(this.store)), calls: this.calls });
      assert(this.saved.length < 200);
    }
    const number = Number(args[0] ?? 0) % 1000 + this.calls++;
    const values = results.map((type) => {
      if (type === I64) return BigInt(Math.trunc(number) || 0);
      return isRef(type) ? null : number;
    });
    return values.length > 1 ? values : values[0];
  }

  see(): string {
    return this.instances.map((exports) =>
      Object.entries(exports).map(([name, value]) => {
        if (value instanceof WebAssembly.Memory) return `${name} ${hash(bytesOfMemory(exports, name))}`;
        if (typeof value === "object" && value !== null && "value" in value) return `${name} ${value.value}`;
        return "";
      }).join(";")
    ).join("|");
  }
}

function hash(bytes: Uint8Array): number {
  let sum = bytes.length;
  for (const byte of bytes) sum = Math.imul(sum, 31) + byte | 0;
  return sum;
}

/** Runs a call, and from each point at which it waited runs it to its end in another store. @returns how often */
function goOnElsewhere(
  modules: readonly Uint8Array<ArrayBuffer>[],
  call: (last: Exports) => unknown,
): number {
  const here = new Hosted(modules, true), last = here.instances.at(-1) ?? {};
  const ended = String(outcome(() => call(last))), seen = here.see(), { calls } = here;
  for (const saved of here.saved) {
    const there = new Hosted(modules);
    there.calls = saved.calls;
    restoreStore(there.store, saved.state);
    assertEquals(String(outcome(() => there.store.processor.resume())), ended);
    assertEquals([there.see(), there.calls], [seen, calls]);
  }
  return here.saved.length;
}

const DEEP = compileText(`(module
  (type $binary (func (param i32 i64) (result i64)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (memory (export "memory") 2)
  (table $t 4 funcref)
  (elem (i32.const 0) $add $mul)
  (global $g (export "g") (mut i64) (i64.const 5))
  (func $add (type $binary) (i64.add (i64.extend_i32_u (local.get 0)) (local.get 1)))
  (func $mul (type $binary) (i64.mul (i64.extend_i32_u (local.get 0)) (local.get 1)))
  (func $walk (param $depth i32) (param $acc i64) (result i64) (local $v v128) (local $f f64)
    (local.set $v (i32x4.splat (local.get $depth)))
    (local.set $f (f64.convert_i32_s (call $ask (local.get $depth))))
    (i32.store (i32.mul (local.get $depth) (i32.const 400)) (i32.trunc_f64_s (local.get $f)))
    (global.set $g (i64.add (global.get $g) (i64.extend_i32_s (i32x4.extract_lane 3 (local.get $v)))))
    (local.set $acc (call_indirect $t (type $binary)
      (i32.load (i32.mul (local.get $depth) (i32.const 400))) (local.get $acc) (i32.and (local.get $depth) (i32.const 1))))
    (if (local.get $depth) (then
      (local.set $acc (i64.xor (local.get $acc)
        (call $walk (i32.sub (local.get $depth) (i32.const 1)) (i64.add (local.get $acc) (i64.const 3)))))))
    (i64.add (local.get $acc) (i64.extend_i32_s (i32.trunc_f64_s (local.get $f)))))
  (func (export "run") (param i32) (result i64)
    (drop (memory.grow (i32.const 1)))
    (i64.add (call $walk (local.get 0) (i64.const 7)) (global.get $g))))`);

Deno.test("a computation goes on elsewhere from every call of the host: frames, memory, tables, globals, vectors", () => {
  assertEquals(goOnElsewhere([DEEP], (exports) => callExport(exports, "run", 12)), 13);
});

const CALLER = compileText(`(module
  (import "first" "run" (func $run (param i32) (result i64)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (func (export "twice") (param i32) (result i64)
    (i64.add (call $run (local.get 0)) (i64.add (i64.extend_i32_s (call $ask (i32.const 1))) (call $run (i32.const 2))))))`);

Deno.test("a computation goes on elsewhere through several modules", () => {
  assertEquals(goOnElsewhere([DEEP, CALLER], (exports) => callExport(exports, "twice", 3)), 4 + 1 + 3);
});

const CATCHER = compileText(`(module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (tag $e (param i32 i64))
  (func $throws (param i32) (throw $e (call $ask (local.get 0)) (i64.const 9)))
  (func (export "run") (param i32) (result i64) (local $x exnref) (local $n i32) (local $got i64) (local $narrow i32) (local $wide i64)
    (loop $again
      (block $h (result i32 i64 exnref)
        (try_table (catch_ref $e $h) (call $throws (local.get $n)))
        (unreachable))
      (local.set $x)
      (local.set $wide)
      (local.set $narrow)
      (local.set $got (i64.add (local.get $got) (i64.add (local.get $wide) (i64.extend_i32_s (local.get $narrow)))))
      (drop (call $ask (local.get $n)))
      (block $h2 (result i32 i64)
        (try_table (catch $e $h2) (throw_ref (local.get $x)))
        (unreachable))
      (local.set $wide)
      (local.set $narrow)
      (local.set $got (i64.sub (local.get $got) (i64.mul (local.get $wide) (i64.extend_i32_s (local.get $narrow)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (local.get 0))))
    (local.get $got)))`);

Deno.test("a computation goes on elsewhere with exceptions that it holds", () => {
  assertEquals(goOnElsewhere([CATCHER], (exports) => callExport(exports, "run", 4)), 8);
});

Deno.test("random programs go on elsewhere from where they waited", () => {
  let points = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const program = randomProgram(seed, GENERATIONS[seed % GENERATIONS.length] ?? "none");
    if (typeof outcome(() => new Hosted([program.bytes])) === "string") continue; // its start traps
    for (const { name, args } of program.calls.slice(0, 2)) {
      points += goOnElsewhere([program.bytes], (exports) => {
        if (exports.steps instanceof InterpreterGlobal) exports.steps.value = program.steps;
        return callExport(exports, name, ...args);
      });
    }
  }
  assert(points >= 10, `${points} points`);
});

/** A state from the middle of the deep computation. */
function middle(): StoreState {
  const here = new Hosted([DEEP], true);
  callExport(here.instances[0] ?? {}, "run", 6);
  const { state } = here.saved[3] ?? {};
  assert(state !== undefined);
  return state;
}

/** Restores what was changed, and goes on. */
function goOn(state: StoreState): unknown {
  const there = new Hosted([DEEP]);
  restoreStore(there.store, state);
  return there.store.processor.resume();
}

Deno.test("a state whose frames were changed is refused, or nothing but data", () => {
  const state = middle(), { stack } = state;
  assert(stack !== undefined);
  let refused = 0;
  for (let place = 0; place < stack.frames.length; place++) {
    for (const by of [-8, -4, -1, 1, 4, 8, 1 << 30]) {
      const frames = stack.frames.slice();
      frames[place] = (frames[place] ?? 0) + by;
      assertThrows(() => goOn({ ...state, stack: { ...stack, frames } }), StateError);
      refused++;
    }
  }
  for (let frame = 0; frame < stack.crossings.length; frame++) {
    const crossings = stack.crossings.slice();
    crossings[frame] = 1 - (crossings[frame] ?? 0);
    if (frame === stack.crossings.length - 1) {
      assertThrows(() => goOn({ ...state, stack: { ...stack, crossings } }), StateError);
    }
  }
  assert(refused > 50);
});

Deno.test("a state of other modules, with other memories or tables, is refused", () => {
  const state = middle(), [instance] = state.instances;
  assert(instance !== undefined);
  assertThrows(() => goOn({ ...state, instances: [] }), StateError);
  assertThrows(() => goOn({ ...state, tables: [] }), StateError);
  assertThrows(() => goOn({ ...state, instances: [{ ...instance, memories: [] }] }), StateError);
  assertThrows(
    () => goOn({ ...state, instances: [{ ...instance, globals: new Uint8Array(4) }] }),
    StateError,
  );
  const [memory] = instance.memories;
  assert(memory !== undefined);
  for (const size of [0, 1, 65536, 65536 * 70000]) {
    assertThrows(
      () => goOn({ ...state, instances: [{ ...instance, memories: [{ ...memory, size }] }] }),
      StateError,
    );
  }
});

const REFERENCES = compileText(`(module
  (type $f (func (result i32)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (table $t 1 funcref)
  (elem declare func $seven)
  (func $seven (type $f) (i32.const 7))
  (func (export "call") (result i32) (local $r (ref null $f))
    (local.set $r (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (call_ref $f (local.get $r)))
  (func (export "set") (result i32) (local $r (ref null $f))
    (local.set $r (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (table.set $t (i32.const 0) (local.get $r))
    (call_indirect $t (type $f) (i32.const 0)))
  (func (export "fill") (result i32) (local $r (ref null $f))
    (local.set $r (ref.func $seven))
    (drop (call $ask (i32.const 0)))
    (drop (table.grow $t (local.get $r) (i32.const 2)))
    (call_indirect $t (type $f) (i32.const 1))))`);

Deno.test("references to functions that were made up end the guest", () => {
  for (const name of ["call", "set", "fill"]) {
    const here = new Hosted([REFERENCES], true);
    assertEquals(callExport(here.instances[0] ?? {}, name), 7);
    const { state } = here.saved[0] ?? {};
    assert(state?.stack !== undefined);
    const { stack } = state, words = new Int32Array(stack.bytes.slice().buffer);
    const [record = 0] = here.store.functions.map((target) => target.record).slice(-4);
    const places = [...words.entries()].filter(([, word]) => word >= record && word < record + 100).map((
      [at],
    ) => at);
    assert(places.length > 0, "the reference was not found");
    for (const word of [1, 4, record + 4, record + 1 << 20, here.store.instances[0]?.base ?? 0, -16]) {
      const changed = words.slice();
      for (const place of places) changed[place] = word;
      const there = new Hosted([REFERENCES]);
      restoreStore(there.store, { ...state, stack: { ...stack, bytes: new Uint8Array(changed.buffer) } });
      assertEquals(outcome(() => there.store.processor.resume()), "trap: dereferencing a null pointer");
    }
  }
});

/** Why a state was not taken: what a host function throws stands behind the trap. */
function reason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof StateError) return at.message;
  return `no state error, but ${error}`;
}

Deno.test("a guest that the host called back, or that holds values of the host, is not saved", () => {
  const bytes = compileText(`(module
    (import "env" "f" (func $f (param externref)))
    (func (export "hold") (param externref) (call $f (ref.null extern)) (call $f (local.get 0)))
    (func (export "back") (call $f (ref.null extern))))`);
  const run = (f: (exports: Exports, calls: number) => void, call: (exports: Exports) => void): string => {
    const store = newStore();
    let calls = 0;
    const exports: Exports = store.instantiate(compileModule(bytes), [() => {
      f(exports, calls++);
      saveStore(store);
    }]);
    return reason(assertThrows(() => call(exports), WebAssembly.RuntimeError));
  };
  assertEquals(
    run(
      (exports, calls) => calls === 0 && callExport(exports, "back"),
      (exports) => callExport(exports, "back"),
    ),
    "a function of the host has called the guest, and has not come back",
  );
  assertEquals(
    run(() => {}, (exports) => callExport(exports, "hold", { a: 1 })),
    "the guest holds values of the host, which cannot be saved",
  );
});
