import { ModuleRefusedError } from "../../src/core/errors.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { trapFromV8Message } from "../../src/core/trap.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import {
  type Bytes,
  exportOf,
  FUNCREF,
  funcType,
  I32,
  I64,
  importOf,
  leb,
  sleb,
  wasmModule,
} from "../wasm/module_builder.ts";
import { Random } from "../wasm/random.ts";
import { repetitions, seed } from "../wasm/verdict.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

const textModule = (fields: string) => compileText(`(module ${fields})`);

const made = (bytes: Uint8Array<ArrayBuffer>) =>
  instrument(bytes, { limits: resolveLimits(WIDE_LIMITS), unboundedHeap: true });

Deno.test("a module has a function that applies segments if it has an active one", () => {
  const name = (fields: string) => made(textModule(fields)).layout.added.initialise;
  assert(name('(memory 1) (data (i32.const 0) "x")') !== undefined);
  assert(name('(memory 1) (data (i32.const 0) "")') !== undefined);
  assert(name("(table 1 funcref) (elem (i32.const 0) func)") !== undefined);
  assertEquals(name('(memory 1) (table 1 funcref) (data "x") (func $f) (elem func $f)'), undefined);
  assertEquals(name('(func (export "f")) (elem declare func 0)'), undefined);
});

/** Elements and bytes of the objects that modules write to. */
const ELEMENTS = 12, PAGE = 65536;

/** Addressed by i64? By index of the table or memory. */
const WIDE = [false, true] as const;

/** What modules import: tables and memories of both widths, and an offset for each. Not instrumented. */
function shared(): WebAssembly.Exports {
  const limits = (flags: number, size: number) => [flags, size, size];
  const bytes = wasmModule({
    tables: WIDE.map((wide) => [FUNCREF, ...limits(wide ? 5 : 1, ELEMENTS)]),
    memories: WIDE.map((wide) => limits(wide ? 5 : 1, 1)),
    globals: [[I32, 0, 0x41, 3, 0x0b], [I64, 0, 0x42, 4, 0x0b]],
    exports: [
      exportOf("table0", 1, 0),
      exportOf("table1", 1, 1),
      exportOf("memory0", 2, 0),
      exportOf("memory1", 2, 1),
      exportOf("offset0", 3, 0),
      exportOf("offset1", 3, 1),
    ],
  });
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
}

/** In the order of the shared module's exports. */
const IMPORTS = [
  importOf("shared", "table0", [1, FUNCREF, 1, ELEMENTS, ELEMENTS]),
  importOf("shared", "table1", [1, FUNCREF, 5, ELEMENTS, ELEMENTS]),
  importOf("shared", "memory0", [2, 1, 1, 1]),
  importOf("shared", "memory1", [2, 5, 1, 1]),
  importOf("shared", "offset0", [3, I32, 0]),
  importOf("shared", "offset1", [3, I64, 0]),
];

const FUNCTIONS = 5;

/** An offset near 0, or near the end of what has `size` places; one in sixteen is far beyond. */
function randomOffset(random: Random, wide: boolean, size: number): Bytes {
  const constant = (value: number | bigint) => [wide ? 0x42 : 0x41, ...sleb(value)];
  const near = random.pick([0, 1, 2, 5, size - 5, size - 4, size - 2, size]);
  switch (random.below(16)) {
    case 0:
      return [...constant(wide ? random.pick([-1n, 2n ** 32n, -(2n ** 63n)]) : -1), 0x0b];
    case 1:
    case 2:
    case 3:
      return [0x23, wide ? 1 : 0, 0x0b];
    case 4:
    case 5:
      return [...constant(near), 0x23, wide ? 1 : 0, wide ? 0x7d : 0x6b, 0x0b]; // minus the global
    default:
      return [...constant(near), 0x0b];
  }
}

function randomElements(random: Random): Bytes {
  const count = random.below(5), target = random.below(2), wide = WIDE[target] === true;
  const functions = Array.from({ length: count }, () => random.below(FUNCTIONS));
  const indices = [...leb(count), ...functions];
  const expressions = [
    ...leb(count),
    ...functions.flatMap((index) => index === 0 ? [0xd0, FUNCREF, 0x0b] : [0xd2, index, 0x0b]),
  ];
  const anywhere = [...leb(target), ...randomOffset(random, wide, ELEMENTS)];
  switch (random.below(6)) {
    case 0:
      return [0, ...randomOffset(random, false, ELEMENTS), ...indices];
    case 1:
      return [4, ...randomOffset(random, false, ELEMENTS), ...expressions];
    case 2:
    case 3:
      return [2, ...anywhere, 0, ...indices];
    case 4:
      return [6, ...anywhere, FUNCREF, ...expressions];
    default:
      return random.pick([[1, 0, ...indices], [3, 0, ...indices], [5, FUNCREF, ...expressions]]);
  }
}

function randomData(random: Random): Bytes {
  const length = random.below(5), target = random.below(2), wide = WIDE[target] === true;
  const content = [...leb(length), ...Array.from({ length }, () => 1 + random.below(255))];
  switch (random.below(5)) {
    case 0:
      return [1, ...content];
    case 1:
      return [0, ...randomOffset(random, false, PAGE), ...content];
    default:
      return [2, ...leb(target), ...randomOffset(random, wide, PAGE), ...content];
  }
}

/** Function number n returns n. */
function randomModule(random: Random): Uint8Array<ArrayBuffer> {
  const some = (make: () => Bytes) => Array.from({ length: random.below(5) }, make);
  return wasmModule({
    types: [funcType([], [I32])],
    imports: IMPORTS,
    functions: Array.from({ length: FUNCTIONS }, (_, index) => ({ type: 0, code: [0x41, index] })),
    elements: some(() => randomElements(random)),
    data: some(() => randomData(random)),
  });
}

/** What stands in the shared objects: what each function of a table returns, and the bytes at both ends of a memory. */
function look(exports: WebAssembly.Exports): unknown {
  const tables = WIDE.map((wide, index) => {
    const table = exports[`table${index}`] as WebAssembly.Table; // `as`: see shared()
    return Array.from({ length: ELEMENTS }, (_, place) => {
      // `as`: the library types know no tables that are indexed by i64.
      const found = table.get((wide ? BigInt(place) : place) as number);
      return found === null ? null : found();
    });
  });
  const memories = WIDE.map((_, index) => {
    const bytes = new Uint8Array((exports[`memory${index}`] as WebAssembly.Memory).buffer); // `as`: see shared()
    return [bytes.slice(0, 64), bytes.slice(-64), bytes.reduce((sum, byte) => sum + byte, 0)];
  });
  return { tables, memories };
}

/** How an instantiation ended: a trap, or nothing. */
async function ending(instantiate: () => unknown): Promise<string | undefined> {
  try {
    await instantiate();
    return undefined;
  } catch (error) {
    assert(error instanceof WebAssembly.RuntimeError, String(error));
    return trapFromV8Message(error.message);
  }
}

const RUNS = repetitions(400);

Deno.test("segments are applied as V8 does it, in order, up to one that does not fit", async () => {
  const first = seed(), endings = new Map<string | undefined, number>();
  console.log(`seeds ${first} … ${first + RUNS - 1}`);
  for (let number = first; number < first + RUNS; number++) {
    const bytes = randomModule(new Random(number)), theirs = shared(), ours = shared();
    const expected = await ending(() =>
      new WebAssembly.Instance(new WebAssembly.Module(bytes), { shared: theirs as WebAssembly.ModuleImports })
    );
    const imports = Object.values(ours).map((value) => ({ value }));
    const seen = await ending(() => InstrumentedRun.start(bytes, { imports }));
    assertEquals([seen, look(ours)], [expected, look(theirs)], `seed ${number}`);
    endings.set(expected, (endings.get(expected) ?? 0) + 1);
  }
  for (const trap of [undefined, "memoryOutOfBounds", "tableOutOfBounds"]) {
    assert((endings.get(trap) ?? 0) > RUNS / 20, `${trap}: ${endings.get(trap)}`);
  }
});

Deno.test("functions that a failed instantiation left in a table count their fuel", async () => {
  let refuels = 0;
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
  const bytes = textModule(`(import "m" "t" (table 1 funcref)) (func $f (result i32) i32.const 7)
    (elem (i32.const 0) $f) (elem (i32.const 1) $f)`);
  await assertRejects(
    () =>
      InstrumentedRun.start(bytes, {
        imports: [{ value: table }],
        hooks: { refuel: () => void refuels++ },
      }),
    WebAssembly.RuntimeError,
    "table index is out of bounds",
  );
  assertEquals([table.get(0)?.(), refuels], [7, 1]);
});

Deno.test("applying segments charges nothing and asks no hook: it was charged before", async () => {
  const run = await InstrumentedRun.start(
    textModule(
      `(memory 1) (data (i32.const 0) "abcdef") (table 9 funcref) (func $f) (elem (i32.const 0) $f $f)`,
    ),
  );
  assertEquals([run.consumed, run.refuels], [0n, 0]);
});

Deno.test("segments are applied before the start function runs, which finds them dropped", async () => {
  const fields =
    `(memory 1) (data $d (i32.const 3) "a") (table 2 funcref) (func $f) (elem $e (i32.const 1) $f)
    (global $data (export "data") (mut i32) (i32.const 0)) (global $null (export "null") (mut i32) (i32.const 9))
    (func $s (global.set $data (i32.load8_u (i32.const 3))) (global.set $null (ref.is_null (table.get 0 (i32.const 1)))))
    (start $s)
    (func (export "data of") (param i32) (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "elements of") (param i32) (table.init $e (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "drop") (data.drop $d) (elem.drop $e))`;
  const run = await InstrumentedRun.start(textModule(fields)), { data, null: isNull } = run.instance.exports;
  assert(data instanceof WebAssembly.Global && isNull instanceof WebAssembly.Global);
  assertEquals([data.value, isNull.value], [97, 0]);
  for (let turn = 0; turn < 2; turn++) {
    for (const name of ["data of", "elements of"]) {
      assertEquals(run.call(name, [0]), undefined);
      assertThrows(() => run.call(name, [1]), WebAssembly.RuntimeError, "out of bounds");
    }
    run.call("drop");
  }
});

Deno.test("segments behind one that does not fit are not dropped, as the specification has it", async () => {
  const table = new WebAssembly.Table({ element: "anyfunc", initial: 1 });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = textModule(`(import "m" "t" (table 1 funcref)) (import "m" "m" (memory 1))
    (func $later (memory.init $d (i32.const 0) (i32.const 0) (i32.const 2))) (elem (i32.const 0) $later)
    (data (i32.const 65536) "x") (data $d (i32.const 8) "yz")`);
  await assertRejects(
    () => InstrumentedRun.start(bytes, { imports: [{ value: table }, { value: memory }] }),
    WebAssembly.RuntimeError,
  );
  table.get(0)?.();
  assertEquals(new Uint8Array(memory.buffer, 0, 10), Uint8Array.of(121, 122, 0, 0, 0, 0, 0, 0, 0, 0));
});

Deno.test("a module without code of its own has its segments applied", async () => {
  const bytes = textModule('(memory (export "m") 1) (data (i32.const 1) "ab")');
  assertEquals(readModule(bytes).bodies.length, 0);
  const { m } = (await InstrumentedRun.start(bytes)).instance.exports;
  assert(m instanceof WebAssembly.Memory);
  assertEquals(new Uint8Array(m.buffer, 0, 4), Uint8Array.of(0, 97, 98, 0));
});

/** Bytes of code that V8 compiles in one go: a part, and the segment that fills it. */
const MOST_PART = 65536 + 4096 + 64;

Deno.test("segments without number are applied by several functions, in order", async () => {
  const count = 50_000, places = 997; // each is written to many times
  const bytes = wasmModule({
    types: [funcType([], [I32])],
    functions: [{ type: 0, code: [0x41, 0, 0x11, 0, 0], name: "call" }],
    tables: [[FUNCREF, 0, 1]],
    memories: [[0, 1]],
    exports: [exportOf("m", 2, 0)],
    elements: Array.from({ length: count }, () => [0, 0x41, 0, 0x0b, 1, 0]),
    data: Array.from(
      { length: count },
      (_, index) => [0, 0x41, ...sleb(index % places), 0x0b, 1, index % 256],
    ),
  });
  const parts = readModule(made(bytes).bytes, ENGINE_LIMITS).bodies.slice(1);
  assert(parts.length > 10, `${parts.length} parts`);
  for (const part of parts) assert(part.end - part.start <= MOST_PART, `${part.end - part.start} bytes`);
  const { m } = (await InstrumentedRun.start(bytes)).instance.exports;
  assert(m instanceof WebAssembly.Memory);
  const expected = new Uint8Array(PAGE);
  for (let index = 0; index < count; index++) expected[index % places] = index % 256;
  assertEquals(new Uint8Array(m.buffer), expected);
});

/** `0 + 0 + … + 0`, of so many bytes. */
function longOffset(bytes: number): Bytes {
  const constant = [0x41, 0], terms = (bytes - 3) / 3;
  return [...constant, ...Array.from({ length: terms }, () => [...constant, 0x6a]).flat(), 0x0b];
}

Deno.test("an offset may have 4,096 bytes; a module with a longer one is refused", async () => {
  const moduleOf = (offset: Bytes) =>
    wasmModule({ memories: [[0, 1]], exports: [exportOf("m", 2, 0)], data: [[0, ...offset, 1, 7]] });
  const { m } = (await InstrumentedRun.start(moduleOf(longOffset(4095)))).instance.exports;
  assert(m instanceof WebAssembly.Memory);
  assertEquals(new Uint8Array(m.buffer, 0, 2), Uint8Array.of(7, 0));
  const error = assertThrows(() => made(moduleOf(longOffset(4098))), ModuleRefusedError);
  assertEquals(
    error.message,
    "Cannot run the module: the offset of data segment 0 has 4098 bytes, at most 4096 are allowed",
  );
});

Deno.test("an offset may be as deep as it is long", async () => {
  const terms = 1000, constant = [0x41, 1];
  const deep = [
    ...Array.from({ length: terms }, () => constant).flat(),
    ...new Array(terms - 1).fill(0x6a),
    0x0b,
  ];
  const { exports } = (await InstrumentedRun.start(wasmModule({
    types: [funcType([], [I32])],
    functions: [{ type: 0, code: [0x41, ...sleb(terms), 0x2d, 0, 0], name: "load" }],
    memories: [[0, 1]],
    data: [[0, ...deep, 1, 7]],
  }))).instance;
  assertEquals(callExport(exports, "load", []), 7);
});
