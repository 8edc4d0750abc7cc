import {
  functionAt,
  originalOffset,
  type OriginMap,
  OriginMapBuilder,
} from "../../src/instrument/origin_map.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";

const MAP: OriginMap = {
  instrumented: Uint32Array.of(100, 110, 140),
  original: Uint32Array.of(50, 55, 60),
  addedFrom: 150,
  bodies: Uint32Array.of(48, 58),
  firstFunction: 3,
};

Deno.test("originalOffset() maps copied bytes to theirs, and insertions to the instruction they stand before", () => {
  const found = [99, 100, 104, 105, 109, 110, 114, 115, 139, 140, 149, 150, 1000].map((offset) =>
    originalOffset(MAP, offset)
  );
  const none = undefined;
  assertEquals(found, [none, 50, 54, 55, 55, 55, 59, 60, 60, 60, 69, none, none]);
});

Deno.test("originalOffset() leads nowhere from a function that is ours, and back where the next begins", () => {
  const builder = new OriginMapBuilder();
  builder.add(10, 40);
  builder.addOurs(20);
  builder.add(30, 60);
  builder.addOurs(40);
  builder.add(50, 50); // a body that stood before those
  builder.shift(2, 100);
  const map = builder.build({ addedFrom: 170, bodies: Uint32Array.of(39, 49, 59), firstFunction: 0 });
  const found = [10, 19, 20, 29, 129, 130, 139, 140, 149, 150, 169, 170].map((offset) =>
    originalOffset(map, offset)
  );
  const none = undefined;
  assertEquals(found, [40, 49, none, none, none, 60, 69, none, none, 50, 69, none]);
});

Deno.test("functionAt() finds the body that an offset lies in", () => {
  assertEquals([0, 47, 48, 57, 58, 99].map((offset) => functionAt(MAP, offset)), [
    undefined,
    undefined,
    3,
    3,
    4,
    4,
  ]);
});

/** Code that traps, by what it does; `fields` is what it needs. Everything else of the module is the same. */
interface TrapRow {
  readonly fields?: string;
  readonly code: string;
}

const MEMORY = "(memory 1)", TABLE = "(table $t 2 funcref) (elem (table $t) (i32.const 0) func $other)";
const TYPES =
  '(type $p (struct (field i32))) (type $a (array (mut i32))) (data $d "abc") (elem $e func $other)';
const bulk = (instruction: string) => `i32.const 70000 i32.const 1 i32.const 9 ${instruction}`;

const TRAPS: Readonly<Record<string, TrapRow>> = {
  "unreachable": { code: "unreachable" },
  "i32 division by zero": { code: "i32.const 1 i32.const 0 i32.div_s drop" },
  "i64 remainder by zero": { code: "i64.const 1 i64.const 0 i64.rem_u drop" },
  "division overflow": { code: "i32.const 0x80000000 i32.const -1 i32.div_s drop" },
  "conversion": { code: "f64.const nan i32.trunc_f64_s drop" },
  "load out of bounds": { fields: MEMORY, code: "i32.const 65533 i32.load drop" },
  "store out of bounds": { fields: MEMORY, code: "i32.const 1 f64.const 0 f64.store offset=65536" },
  "vector load out of bounds": { fields: MEMORY, code: "i32.const -1 v128.load drop" },
  "table.get out of bounds": { fields: TABLE, code: "i32.const 2 table.get $t drop" },
  "table.set out of bounds": { fields: TABLE, code: "i32.const 5 ref.null func table.set $t" },
  "indirect call past the table": { fields: TABLE, code: "i32.const 7 call_indirect $t" },
  "indirect call of null": { fields: TABLE, code: "i32.const 1 call_indirect $t" },
  "indirect call of another type": { fields: TABLE, code: "i32.const 0 call_indirect $t (result f32) drop" },
  "reference that is null": { code: "ref.null func ref.as_non_null drop" },
  "call of a null reference": { fields: "(type $f (func))", code: "ref.null $f call_ref $f" },
  "throw_ref of null": { code: "ref.null exn throw_ref" },
  "memory.fill": { fields: MEMORY, code: bulk("memory.fill") },
  "memory.copy": { fields: MEMORY, code: bulk("memory.copy") },
  "memory.init": { fields: `${MEMORY} (data $d "abc")`, code: bulk("memory.init $d") },
  "memory.init of a dropped segment": {
    fields: `${MEMORY} (data $d "abc")`,
    code: "data.drop $d i32.const 0 i32.const 0 i32.const 1 memory.init $d",
  },
  "table.fill": { fields: TABLE, code: "i32.const 1 ref.null func i32.const 2 table.fill $t" },
  "table.copy": { fields: TABLE, code: bulk("table.copy $t $t") },
  "table.init": { fields: `${TABLE} (elem $e func $other)`, code: bulk("table.init $t $e") },
  "field of a null reference": { fields: TYPES, code: "ref.null $p struct.get $p 0 drop" },
  "cast": {
    fields: TYPES,
    code: "i32.const 1 ref.i31 ref.cast (ref null $a) drop",
  },
  "array out of bounds": {
    fields: TYPES,
    code: "i32.const 3 array.new_default $a i32.const 3 array.get $a drop",
  },
  "array too large": { fields: TYPES, code: "i32.const -1 array.new_default $a drop" },
  "array from a segment": { fields: TYPES, code: "i32.const 3 i32.const 9 array.new_data $a $d drop" },
  "array.fill": {
    fields: TYPES,
    code: "i32.const 3 array.new_default $a i32.const 1 i32.const 7 i32.const 3 array.fill $a",
  },
};

/** Before the trap: insertions of every kind. It lies two calls deep, behind a loop, in a function that recurs. */
const surrounded = ({ fields = "", code }: TrapRow) =>
  `(module ${fields}
  (func $other)
  (func $trap (param i32) (local i32)
    loop $l local.get 1 i32.const 1 i32.add local.tee 1 i32.const 3 i32.lt_u br_if $l end
    local.get 0 if local.get 0 i32.const 1 i32.sub call $trap return end
    nop nop ${code} nop)
  (func $middle (param i32) local.get 0 i32.eqz if i32.const 2 call $trap else nop end)
  (func (export "f") block i32.const 0 call $middle end i32.const 7 drop))`;

/** The same with functions that are passed counters, by way of others and directly. */
const entered = ({ fields = "", code }: TrapRow) =>
  `(module ${fields}
  (func $other) (table $calls 1 funcref) (elem (table $calls) (i32.const 0) func $trap)
  (func $trap (export "trap") (param i32) (local i32)
    loop $l local.get 1 i32.const 1 i32.add local.tee 1 i32.const 3 i32.lt_u br_if $l end
    local.get 0 if local.get 0 i32.const 1 i32.sub
      local.get 0 i32.const 1 i32.and if (param i32) call $trap else i32.const 0 call_indirect $calls (param i32) end return
    end
    nop nop ${code} nop)
  (func $middle (export "middle") (param i32) local.get 0 i32.eqz if i32.const 2 call $trap else nop end)
  (func (export "f") block i32.const 0 call $middle end i32.const 7 drop))`;

/** Offsets of the frames of modules whose URL matches, innermost first. */
function frameOffsets(error: unknown, module: string): number[] {
  const frame = new RegExp(`wasm://wasm/${module}[^/]*:wasm-function\\[\\d+\\]:0x([0-9a-f]+)`, "g");
  const stack = error instanceof Error ? error.stack ?? "" : "";
  return [...stack.matchAll(frame)].map(([, offset]) => parseInt(offset ?? "", 16));
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

for (const [how, textOf] of [["", surrounded], [", where functions are passed counters", entered]] as const) {
  Deno.test(`originalOffset() leads every frame of every trap to where V8 sees it in the original${how}`, async () => {
    for (const [what, row] of Object.entries(TRAPS)) {
      const bytes = compileText(textOf(row));
      const bare = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
      const expected = thrownBy(() => callExport(bare, "f", []));
      const run = await InstrumentedRun.start(bytes, { unboundedHeap: true, label: "undertest" });
      const error = thrownBy(() => run.call("f"));
      assertEquals(String(error), String(expected), what);
      const { origin } = run.prepared;
      const mapped = frameOffsets(error, "aegis-module-undertest").flatMap((offset) => {
        const original = originalOffset(origin, offset);
        return original === undefined ? [] : [original];
      });
      const frames = frameOffsets(expected, "");
      assertEquals(mapped, frames, what);
      assertEquals(mapped.length, 5, `${what}: three of the recursion, two of the callers`);
      assertEquals(mapped.map((offset) => functionAt(origin, offset)), [1, 1, 1, 2, 3], what);
      assert(frames.every((offset) => offset < bytes.length));
    }
  });
}
