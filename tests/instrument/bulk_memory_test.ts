import { Buffer } from "node:buffer";
import fc from "../fast_check.ts";
import { assert, assertEquals } from "../assert.ts";
import { type Bytes, exportOf, funcType, I32, I64, leb, wasmModule } from "../wasm/module_builder.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";
import { seed } from "../wasm/verdict.ts";

const CHUNK = 1 << 20, PAGE = 65536, PAGES = 50, SIZE = PAGES * PAGE;
const SEGMENT = 2 * CHUNK + 3;

/** Turns of each property; the seed of a failure is in its message. */
const RUNS = 120;

/** An operation `f(a, b, size)` on memories 0 and 1, each of which is as wide as said. */
interface Operation {
  readonly note: string;
  readonly wide: readonly [boolean, boolean];
  /** The instruction. */
  readonly code: Bytes;
  /** Which of the parameters are as wide as a memory, and which are i32. */
  readonly params: readonly [boolean, boolean, boolean];
  /** What the second parameter is. */
  readonly second: "address" | "byte" | "segment";
}

const OPERATIONS: readonly Operation[] = [
  fill("memory.fill", false),
  fill("memory.fill of a 64-bit memory", true),
  copy("memory.copy within a memory", 0, 0, [false, false]),
  copy("memory.copy within a 64-bit memory", 0, 0, [true, true]),
  copy("memory.copy between memories", 0, 1, [false, false]),
  copy("memory.copy from 64-bit to 32-bit", 0, 1, [false, true]),
  copy("memory.copy from 32-bit to 64-bit", 0, 1, [true, false]),
  init("memory.init", false),
  init("memory.init of a 64-bit memory", true),
];

function fill(note: string, wide: boolean): Operation {
  return {
    note,
    wide: [wide, false],
    code: [0xfc, 11, 0],
    params: [wide, false, wide],
    second: "byte",
  };
}

function copy(note: string, to: number, from: number, wide: readonly [boolean, boolean]): Operation {
  const widths = [wide[to] === true, wide[from] === true] as const;
  const params = [...widths, widths[0] && widths[1]] as const;
  return { note, wide, code: [0xfc, 10, to, from], params, second: "address" };
}

function init(note: string, wide: boolean): Operation {
  return {
    note,
    wide: [wide, false],
    code: [0xfc, 8, 0, 0],
    params: [wide, false, false],
    second: "segment",
  };
}

function pattern(length: number, factor: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => Math.imul(index + factor, 2654435761) >>> 21);
}

const PATTERNS = [pattern(SIZE, 1), pattern(SIZE, 7)] as const;

function moduleOf(operation: Operation): Uint8Array<ArrayBuffer> {
  const memory = (wide: boolean) => [wide ? 5 : 1, ...leb(PAGES), ...leb(PAGES)];
  const segment = operation.second === "segment" ? [...pattern(SEGMENT, 3)] : [];
  return wasmModule({
    types: [funcType(operation.params.map((wide) => wide ? I64 : I32), []), funcType([], [])],
    functions: [
      { type: 0, name: "f", code: [0x20, 0, 0x20, 1, 0x20, 2, ...operation.code] },
      { type: 1, name: "drop", code: [0xfc, 9, 0] },
    ],
    memories: operation.wide.map(memory),
    exports: [exportOf("m0", 2, 0), exportOf("m1", 2, 1)],
    dataCount: 1,
    data: [[1, ...leb(segment.length), ...segment]],
  });
}

const EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK, 3 * CHUNK + 1, SIZE];
const HUGE = [2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 64 - 2 ** 11];

/** How an argument is found: as it is, so that the operation ends at a bound or past it, or near the first address. */
const draft = fc.record({
  size: fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 0, max: SIZE + 1 }), fc.constantFrom(...HUGE)),
  places: fc.tuple(
    ...[0, 1].map(() =>
      fc.oneof(
        fc.record({ kind: fc.constant("end" as const), value: fc.integer({ min: -2, max: 1 }) }),
        fc.record({ kind: fc.constant("at" as const), value: fc.integer({ min: 0, max: SIZE + 1 }) }),
        fc.record({
          kind: fc.constant("huge" as const),
          value: fc.integer({ min: 0, max: HUGE.length - 1 }),
        }),
        fc.record({ kind: fc.constant("near" as const), value: fc.integer({ min: -CHUNK, max: CHUNK }) }),
        fc.record({ kind: fc.constant("near" as const), value: fc.integer({ min: -3, max: 3 }) }),
      )
    ),
  ),
  /** Whether the size is cut down to what fits. */
  fits: fc.boolean(),
  dropped: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
});

type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

function argumentsOf({ size, places, fits }: Draft, operation: Operation): number[] {
  let first = 0, room = SIZE;
  const addresses = places.map((place, index) => {
    const bound = index === 1 && operation.second === "segment" ? SEGMENT : SIZE;
    const found = place.kind === "end"
      ? bound - size + place.value
      : place.kind === "at"
      ? place.value
      : place.kind === "huge"
      ? HUGE[place.value] ?? 0
      : first + place.value;
    const clamped = Math.max(0, found);
    if (index === 0) first = clamped;
    if (index === 0 || operation.second !== "byte") room = Math.min(room, Math.max(0, bound - clamped));
    return clamped;
  });
  return [...addresses, fits ? Math.min(size, room) : size];
}

/** Narrow ones wrap, as they would in the guest. */
const typed = (values: readonly number[], params: readonly boolean[]) =>
  values.map((value, index) =>
    params[index] === true ? BigInt(value) : Number(BigInt.asIntN(32, BigInt(value)))
  );

function memoriesOf(exports: WebAssembly.Exports): Uint8Array[] {
  return ["m0", "m1"].map((name) => {
    const memory = exports[name];
    assert(memory instanceof WebAssembly.Memory);
    return new Uint8Array(memory.buffer);
  });
}

function outcome(run: () => unknown): string {
  try {
    return `returns ${run()}`;
  } catch (error) {
    return String(error);
  }
}

for (const operation of OPERATIONS) {
  Deno.test(`${operation.note} does in chunks what V8 does at once, and costs a unit a byte`, async () => {
    const bytes = moduleOf(operation);
    const bare = new WebAssembly.Module(bytes);
    const runs = [await InstrumentedRun.start(bytes), await InstrumentedRun.start(bytes)] as const;
    const instances = [
      new WebAssembly.Instance(bare).exports,
      new WebAssembly.Instance(bare).exports,
    ] as const;
    // The second of each has dropped its segment.
    for (const exports of [runs[1].instance.exports, instances[1]]) callExport(exports, "drop", []);
    let large = 0;
    fc.assert(
      fc.property(draft, (chosen) => {
        const which = chosen.dropped && operation.second === "segment" ? 1 : 0;
        const run = runs[which], exports = instances[which];
        const ours = memoriesOf(run.instance.exports), theirs = memoriesOf(exports);
        for (const memories of [ours, theirs]) {
          for (const [index, memory] of memories.entries()) memory.set(PATTERNS[index] ?? []);
        }
        const args = typed(argumentsOf(chosen, operation), operation.params), consumed = run.consumed;
        const expected = outcome(() => callExport(exports, "f", args));
        assertEquals(outcome(() => run.call("f", args)), expected, `f(${args})`);
        for (const [index, memory] of ours.entries()) {
          assert(
            Buffer.from(memory.buffer).equals(theirs[index] ?? memory),
            `f(${args}): memory ${index} differs`,
          );
        }
        const size = BigInt.asUintN(operation.params[2] ? 64 : 32, BigInt(args[2] ?? 0));
        const units = run.consumed - consumed;
        if (expected.startsWith("returns") && size > CHUNK) large++;
        if (expected.startsWith("returns")) assertEquals(units, 5n + size, `f(${args})`);
        else if (which === 0) assertEquals(units, 5n, `f(${args}) traps`);
        else assert(units <= 5n + BigInt(CHUNK), `f(${args}) traps on a dropped segment`);
      }),
      { numRuns: RUNS, seed: seed() },
    );
    assert(large > RUNS / 20, `${large} of ${RUNS} were larger than a chunk and did not trap`);
  });
}

Deno.test("memory.copy between two indices of one memory moves overlapping bytes as V8 does", async () => {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const imported = [[...leb(1), 0x6d, ...leb(1), 0x6d, 2, 1, ...leb(1), ...leb(PAGES)]];
  const bytes = wasmModule({
    types: [funcType([I32, I32, I32], [])],
    imports: [...imported, ...imported],
    functions: [{ type: 0, name: "f", code: [0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 0, 1] }],
  });
  const run = await InstrumentedRun.start(bytes, { imports: [{ value: memory }, { value: memory }] });
  const view = new Uint8Array(memory.buffer);
  for (
    const [to, from, size] of [[1000, 0, 3 * CHUNK], [0, 1000, 3 * CHUNK], [1, 0, 2 * CHUNK + 1]] as const
  ) {
    view.set(PATTERNS[0]);
    run.call("f", [to, from, size]);
    const moved = Buffer.from(memory.buffer, to, size);
    assert(moved.equals(PATTERNS[0].subarray(from, from + size)), `f(${to}, ${from}, ${size})`);
  }
});

Deno.test("memory operations test the fuel counter between chunks", async () => {
  const operation = OPERATIONS[0];
  assert(operation !== undefined);
  const seen: bigint[] = [];
  const run = await InstrumentedRun.start(moduleOf(operation), {
    hooks: {
      refuel: (instance) => {
        seen.push(-instance.fuel.value);
      },
    },
  });
  run.call("f", [0, 1, 3 * CHUNK]);
  assertEquals(seen, [5n, ...[1, 2, 3].map((chunks) => 5n + BigInt(chunks * CHUNK))]);
});
