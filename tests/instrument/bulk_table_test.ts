import fc from "../fast_check.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";
import { seed } from "../wasm/verdict.ts";

const CHUNK = 1 << 16, SIZE = 3 * CHUNK + 100, SEGMENT = 2 * CHUNK + 3;
const RUNS = 14;

/** An operation `f(a, b, size)` on tables `$t` and `$u`; types are those of the indices. */
interface Operation {
  readonly note: string;
  readonly types: readonly ["i32" | "i64", "i32" | "i64"];
  readonly params: readonly ["i32" | "i64", "i32" | "i64", "i32" | "i64"];
  readonly code: string;
  readonly second: "index" | "value" | "segment";
}

const OPERATIONS: readonly Operation[] = [
  ...(["i32", "i64"] as const).flatMap((type): Operation[] => [
    {
      note: `table.fill, ${type}`,
      types: [type, "i32"],
      params: [type, "i32", type],
      code: "local.get 0 (table.get $p (local.get 1)) local.get 2 table.fill $t",
      second: "value",
    },
    {
      note: `table.copy within a table, ${type}`,
      types: [type, "i32"],
      params: [type, type, type],
      code: "local.get 0 local.get 1 local.get 2 table.copy $t $t",
      second: "index",
    },
    {
      note: `table.init, ${type}`,
      types: [type, "i32"],
      params: [type, "i32", "i32"],
      code: "local.get 0 local.get 1 local.get 2 table.init $t $s",
      second: "segment",
    },
  ]),
  {
    note: "table.copy between tables, to i64 from i32",
    types: ["i64", "i32"],
    params: ["i64", "i32", "i32"],
    code: "local.get 0 local.get 1 local.get 2 table.copy $t $u",
    second: "index",
  },
  {
    note: "table.copy between tables, to i32 from i64",
    types: ["i32", "i64"],
    params: ["i32", "i64", "i32"],
    code: "local.get 0 local.get 1 local.get 2 table.copy $t $u",
    second: "index",
  },
];

/** `reset` sets every element from a pattern of four functions and null, `hash` reads them all. */
function moduleOf({ types, params, code, second }: Operation): Uint8Array<ArrayBuffer> {
  const index = (type: string, local: number) =>
    type === "i64" ? `(i64.extend_i32_u (local.get ${local}))` : `(local.get ${local})`;
  const both = [["t", types[0]], ["u", types[1]]] as const;
  const loop = (body: string) =>
    `(loop $l ${body} (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const ${SIZE}))))`;
  const hashOf = (table: string, type: string) =>
    `(local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31))
      (if (result i32) (ref.is_null (table.get $${table} ${index(type, 0)})) (then (i32.const 7))
        (else (call_indirect $${table} (result i32) ${index(type, 0)})))))`;
  const segment = second === "segment"
    ? Array.from({ length: SEGMENT }, (_, place) => `$f${(place * 7 + (place >> 9)) % 4}`).join(" ")
    : "";
  return compileText(`(module
    ${both.map(([name, type]) => `(table $${name} ${type === "i64" ? "i64" : ""} ${SIZE} funcref)`).join(" ")}
    (table $p 5 funcref) (elem (table $p) (i32.const 0) func $f0 $f1 $f2 $f3) (elem $s func ${segment})
    ${[0, 1, 2, 3].map((value) => `(func $f${value} (result i32) i32.const ${value + 11})`).join(" ")}
    (func (export "f") (param ${params.join(" ")}) ${code})
    (func (export "drop") elem.drop $s)
    (func (export "reset") (local i32) ${
    loop(
      both.map(([name, type], place) =>
        `(table.set $${name} ${index(type, 0)} (table.get $p (i32.rem_u (i32.mul (local.get 0)
          (i32.const ${place + 3})) (i32.const 5))))`
      ).join(" "),
    )
  })
    (func (export "hash") (result i32) (local i32 i32)
      ${both.map(([name, type]) => `(local.set 0 (i32.const 0)) ${loop(hashOf(name, type))}`).join(" ")}
      local.get 1))`);
}

const EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, SIZE - 1, SIZE, SIZE + 1, 2 ** 32 - 1];
const draft = fc.record({
  size: fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: 0, max: SIZE })),
  first: fc.oneof(fc.integer({ min: -2, max: CHUNK }), fc.integer({ min: 0, max: SIZE + 1 })),
  second: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -CHUNK, max: CHUNK })),
  toTheEnd: fc.boolean(),
  /** Whether the size is cut down to what fits. */
  fits: fc.boolean(),
  dropped: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
});

/** Sizes of several chunks that fit, with source and target close to each other on either side. */
const LARGE = [-3, 0, 3].map((second) => ({
  size: 2 * CHUNK + 1,
  first: 10,
  second,
  toTheEnd: false,
  fits: true,
  dropped: false,
}));

type Draft = typeof draft extends fc.Arbitrary<infer T> ? T : never;

function argumentsOf(chosen: Draft, operation: Operation): (number | bigint)[] {
  const { size, first, second, toTheEnd, fits } = chosen;
  const bound = operation.second === "segment" ? SEGMENT : SIZE;
  const to = Math.max(0, toTheEnd ? SIZE - size + Math.min(first, 1) : first);
  const from = Math.max(0, Math.min(to + second, Math.max(bound - size + 1, 2)));
  const room = Math.max(0, Math.min(SIZE - to, operation.second === "value" ? SIZE : bound - from));
  const values = [
    to,
    operation.second === "value" ? Math.abs(second) % 5 : from,
    fits ? Math.min(size, room) : size,
  ];
  return values.map((value, index) =>
    operation.params[index] === "i64" ? BigInt(value) : Number(BigInt.asIntN(32, BigInt(value)))
  );
}

function outcome(run: () => unknown): string {
  try {
    return `returns ${run()}`;
  } catch (error) {
    return String(error);
  }
}

for (const operation of OPERATIONS) {
  Deno.test(`${operation.note}: does in chunks what V8 does at once, and costs a unit an element`, async () => {
    const bytes = moduleOf(operation), bare = new WebAssembly.Module(bytes);
    let large = 0;
    const pairs = await Promise.all([false, true].map(async (dropped) => {
      const run = await InstrumentedRun.start(bytes), { exports } = new WebAssembly.Instance(bare);
      if (dropped) { for (const each of [run.instance.exports, exports]) callExport(each, "drop", []); }
      return { run, exports };
    }));
    fc.assert(
      fc.property(draft, (chosen) => {
        const dropped = chosen.dropped && operation.second === "segment", pair = pairs[dropped ? 1 : 0];
        assert(pair !== undefined);
        const { run, exports } = pair, args = argumentsOf(chosen, operation);
        for (const each of [run.instance.exports, exports]) callExport(each, "reset", []);
        const consumed = run.consumed, expected = outcome(() => callExport(exports, "f", args));
        assertEquals(outcome(() => run.call("f", args)), expected, `f(${args})`);
        const units = run.consumed - consumed, base = operation.second === "value" ? 6n : 5n;
        assertEquals(run.call("hash"), callExport(exports, "hash", []), `f(${args}) leaves other elements`);
        const size = BigInt.asUintN(operation.params[2] === "i64" ? 64 : 32, BigInt(args[2] ?? 0));
        if (expected.startsWith("returns") && size > CHUNK) large++;
        if (expected.startsWith("returns")) assertEquals(units, base + size, `f(${args})`);
        else if (!dropped) assertEquals(units, base, `f(${args}) traps`);
      }),
      { numRuns: RUNS, seed: seed(), examples: LARGE.map((chosen) => [chosen]) },
    );
    assert(large >= LARGE.length, `${large} of ${RUNS} were larger than a chunk and did not trap`);
  });
}
