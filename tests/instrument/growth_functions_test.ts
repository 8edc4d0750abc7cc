import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { callExport, InstrumentedRun } from "./instrumented.ts";

/** A module whose `f` grows by its parameter, and what stands before the call of the growth in units. */
interface GrowthRow {
  readonly note: string;
  readonly fields: string;
  readonly wide: boolean;
  readonly kind: "memory" | "table";
  readonly index: number;
  /** Entry, operands, and the instruction itself. */
  readonly base: bigint;
}

const ROWS: readonly GrowthRow[] = [
  {
    note: "memory.grow",
    fields: '(memory 2 90) (func (export "f") (param i32) (result i32) local.get 0 memory.grow)',
    wide: false,
    kind: "memory",
    index: 0,
    base: 3n,
  },
  {
    note: "memory.grow of the second memory, 64-bit",
    fields:
      '(memory 1) (memory $m i64 2 90) (func (export "f") (param i64) (result i64) local.get 0 memory.grow $m)',
    wide: true,
    kind: "memory",
    index: 1,
    base: 3n,
  },
  {
    note: "table.grow",
    fields: `(table 2 90 externref)
      (func (export "f") (param i32) (result i32) ref.null extern local.get 0 table.grow 0)`,
    wide: false,
    kind: "table",
    index: 0,
    base: 4n,
  },
  {
    note: "table.grow of the second table, 64-bit",
    fields: `(table 1 funcref) (table $t i64 2 90 funcref)
      (func (export "f") (param i64) (result i64) ref.null func local.get 0 table.grow $t)`,
    wide: true,
    kind: "table",
    index: 1,
    base: 4n,
  },
];

const AMOUNTS = [0, 1, 49, 50, 51, 88, 89, 5000, 70_000, 2 ** 32 - 1];

const typed = (amount: number, wide: boolean) => wide ? BigInt(amount) : amount | 0;

/** Ceilings in the instrumented module: 100 pages, 5000 elements. */
const LIMITS = { memoryLimit: 100 * 65536, tableLimit: 5000, functionTableLimit: 4000, memories: 2 };
const CEILING = { memory: 100, table: 5000 };

for (const row of ROWS) {
  const bytes = compileText(`(module ${row.fields})`);

  Deno.test(`${row.note} asks the hook, costs at least 50 units, and grows as V8 does`, async () => {
    for (const amount of AMOUNTS) {
      const run = await InstrumentedRun.start(bytes, { limits: LIMITS });
      const bare = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
      const args = [typed(amount, row.wide)];
      assertEquals(run.call("f", args), callExport(bare, "f", args), `f(${amount})`);
      const asked = BigInt.asUintN(row.wide ? 64 : 32, BigInt(amount));
      assertEquals(run.growths, [[row.kind, row.index, asked]]);
      const fair = amount > 50 && amount <= CEILING[row.kind] ? amount : 50;
      assertEquals(run.consumed, row.base + BigInt(fair), `units of f(${amount})`);
    }
  });

  Deno.test(`${row.note} gives -1 and leaves everything when the hook refuses`, async () => {
    const refused = { growMemory: () => 0, growTable: () => 0 };
    const run = await InstrumentedRun.start(bytes, { limits: LIMITS, hooks: refused });
    assertEquals(run.call("f", [typed(3, row.wide)]), typed(-1, row.wide));
    const { memories, tables } = run.instance;
    const sizes = [
      ...memories.map((memory) => memory.buffer.byteLength / 65536),
      ...tables.map((table) => Number(table.length)),
    ];
    assert(sizes.every((size) => size <= 2), sizes.join());
  });

  Deno.test(`${row.note} is paid before the hook is asked`, async () => {
    const order: string[] = [];
    const run = await InstrumentedRun.start(bytes, {
      limits: LIMITS,
      hooks: {
        refuel: (instance) => {
          order.push(`refuel at ${instance.fuel.value}`);
          instance.fuel.value = 0n;
        },
        growMemory: () => order.push("grow"),
        growTable: () => order.push("grow"),
      },
    });
    run.call("f", [typed(60, row.wide)]);
    assertEquals(order, [`refuel at ${-row.base}`, "refuel at -60", "grow"]);
  });
}

Deno.test("growth of a memory64 by more than 2^63 pages costs the least and fails", async () => {
  const row = ROWS[1];
  assert(row !== undefined);
  const run = await InstrumentedRun.start(compileText(`(module ${row.fields})`), { limits: LIMITS });
  for (const amount of [-1n, -(2n ** 63n), 2n ** 63n - 1n]) {
    const before = run.consumed;
    assertEquals(run.call("f", [amount]), -1n);
    assertEquals(run.consumed - before, 53n);
  }
});
