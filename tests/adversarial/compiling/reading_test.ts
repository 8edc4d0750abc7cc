/** E39, E40 and E42: files that are no modules, or modules at every limit, through the public interface. */
import { assert, assertEquals } from "../../assert.ts";
import { isForInterpreter } from "../../engine_of_tests.ts";
import { withTicks } from "../process_facts.ts";
import { Aegis, AegisError, ModuleInvalidError } from "../../../mod.ts";
import {
  type Bytes,
  customSection,
  END,
  exportOf,
  funcType,
  HEADER,
  I32,
  I64,
  importOf,
  join,
  leb,
  name,
  rawModule,
  SECTION,
  section,
  vec,
  wasmModule,
} from "../../wasm/module_builder.ts";

/** Numbers that look random and are the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return (mixed ^ mixed >>> 14) >>> 0;
  };
}

/** A module with one of nearly everything. */
const SAMPLE = wasmModule({
  types: [funcType([I32, I64], [I32]), funcType([], [])],
  imports: [importOf("env", "f", [0, 0]), importOf("env", "g", [3, I32, 0])],
  importedFunctions: 1,
  functions: [
    {
      type: 0,
      locals: [[2, I32], [1, I64]],
      code: [0x20, 0, 0x03, 0x40, 0x20, 0, 0x0d, 0, END],
      name: "run",
    },
    { type: 1, code: [0x02, 0x40, 0x1f, 0x40, 1, 2, 0, END, END, 0x41, 0, 0x40, 0, 0x1a] },
  ],
  tables: [[0x70, 1, 2, 10]],
  memories: [[1, 1, 10]],
  tags: [[0, 1]],
  globals: [[I64, 1, 0x42, 0x7f, END]],
  exports: [exportOf("memory", 2, 0), exportOf("table", 1, 0)],
  start: 2,
  elements: [join([[0, 0x41, 0, END], vec([leb(1)])])],
  dataCount: 1,
  data: [join([[0, 0x41, 0, END], name("hello")])],
  customs: [
    customSection("name", section(1, vec([join([leb(1), name("run")])]))),
    customSection("x", [1, 2, 3]),
  ],
});

/** Loads bytes; the error must be one of ours, for a module that is wrong or refused, with an offset inside it. */
async function verdict(runtime: Aegis, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await runtime.loadBytes(bytes);
    return "loaded";
  } catch (error) {
    assert(error instanceof AegisError, `${error}`);
    if (error instanceof ModuleInvalidError) {
      assert(error.offset >= 0 && error.offset <= bytes.length, `offset ${error.offset} of ${bytes.length}`);
      assert(Number.isInteger(error.offset));
    } else assertEquals(error.code, "ModuleRefused", error.message);
    return error.code;
  }
}

Deno.test("E39 no bytes, and bytes that are no module, are invalid at an offset", async () => {
  await using runtime = await Aegis.create();
  const rows: [bytes: number[], offset: number][] = [
    [[], 0],
    [[0], 1],
    [[0, 0x61, 0x73], 3],
    [[1, 2, 3, 4], 0],
    [[0, 0x61, 0x73, 0x6d], 4],
    [[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], 4],
    [[0, 0x61, 0x73, 0x6d, 0x0d, 0, 0, 0], 4],
    [[...HEADER, 99, 0], 8],
    [[...HEADER, 1], 9],
    [[...HEADER, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 13],
    [[...HEADER, 1, 200], 10],
    [[0x1f, 0x8b, 8, 0], 0],
    [[0x4d, 0x5a, 0x90, 0], 0],
  ];
  for (const [bytes, offset] of rows) {
    let error: unknown;
    await runtime.loadBytes(Uint8Array.from(bytes)).catch((thrown) => error = thrown);
    assert(error instanceof ModuleInvalidError, `${bytes}: ${error}`);
    assert(Math.abs(error.offset - offset) <= 2, `${bytes}: offset ${error.offset}, not ${offset}`);
  }
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  const refused = await runtime.loadBytes(component).then(() => undefined, (thrown: unknown) => thrown);
  assert(refused instanceof AegisError && refused.code === "ModuleRefused", "a component is told apart");
});

Deno.test("E39 a module cut at any byte is invalid, at an offset within what is left", async () => {
  await using runtime = await Aegis.create();
  assertEquals(await verdict(runtime, SAMPLE), "loaded");
  for (let length = 0; length < SAMPLE.length; length++) {
    const cut = SAMPLE.slice(0, length), seen = await verdict(runtime, cut);
    // Between two sections, what is left may be a module.
    assertEquals(seen, WebAssembly.validate(cut) ? "loaded" : "ModuleInvalid", `the first ${length} bytes`);
  }
});

Deno.test("E42 random bytes behind a header are invalid at an offset, and V8 agrees", async () => {
  await using runtime = await Aegis.create();
  const next = randomNumbers(1);
  for (let i = 0; i < 150; i++) {
    const bytes = Uint8Array.from([...HEADER, ...Array.from({ length: next() % 300 }, () => next() & 0xff)]);
    const seen = await verdict(runtime, bytes);
    if (WebAssembly.validate(bytes)) assert(seen !== "ModuleInvalid");
    else assert(seen !== "loaded");
  }
});

// Fails when our reader, or the rewritten module, takes what V8 does not take in the original.
Deno.test("E42 a module with any few bytes changed ends as V8 says, or is refused", async () => {
  await using runtime = await Aegis.create();
  const next = randomNumbers(2), counts: Record<string, number> = {};
  for (let i = 0; i < 500; i++) {
    const bytes = SAMPLE.slice();
    for (let changes = 1 + next() % 3; changes > 0; changes--) {
      bytes[8 + next() % (bytes.length - 8)] = next() & 0xff;
    }
    const seen = await verdict(runtime, bytes), valid = WebAssembly.validate(bytes);
    counts[`${seen}, V8 ${valid}`] = (counts[`${seen}, V8 ${valid}`] ?? 0) + 1;
    if (seen === "loaded") assert(valid, "V8 refuses what was loaded");
    if (seen === "ModuleInvalid") assert(!valid, "V8 takes what is said to be invalid");
  }
  assert(
    (counts["ModuleInvalid, V8 false"] ?? 0) > 100 && (counts["loaded, V8 true"] ?? 0) > 20,
    JSON.stringify(counts),
  );
});

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const EMPTY = funcType([], []);

/** Modules of very many parts: at V8's limits, at ours, and in between. */
const STRUCTURES: Readonly<Record<string, () => Uint8Array<ArrayBuffer>>> = {
  "10^6 types": () => wasmModule({ types: many(1_000_000, () => EMPTY) }),
  "10^6 types in one group": () =>
    rawModule(section(SECTION.type, join([[1, 0x4e], leb(1_000_000), ...many(1_000_000, () => EMPTY)]))),
  "2 million parameters": () => wasmModule({ types: many(2000, () => funcType(Array(1000).fill(I32), [])) }),
  "10^6 functions": () =>
    wasmModule({ types: [EMPTY], functions: many(1_000_000, () => ({ type: 0, code: [] })) }),
  "250,000 functions": () =>
    wasmModule({ types: [EMPTY], functions: many(250_000, () => ({ type: 0, code: [] })) }),
  "10^6 globals": () => wasmModule({ globals: many(1_000_000, () => [I64, 1, 0x42, 0, END]) }),
  "100,000 globals": () => wasmModule({ globals: many(100_000, () => [I64, 1, 0x42, 0, END]) }),
  "10^6 tags": () => wasmModule({ types: [EMPTY], tags: many(1_000_000, () => [0, 0]) }),
  "150,000 exports": () =>
    wasmModule({
      types: [EMPTY],
      functions: [{ type: 0, code: [] }],
      exports: many(150_000, (i) => exportOf(i.toString(36), 0, 0)),
    }),
  "50,000 exports": () =>
    wasmModule({
      types: [EMPTY],
      functions: many(50_000, (i) => ({ type: 0, code: [], name: `export number ${i}` })),
    }),
  "150,000 imports": () =>
    wasmModule({ types: [EMPTY], imports: many(150_000, () => importOf("e", "f", [0, 0])) }),
  "10,000 imports": () =>
    wasmModule({ types: [EMPTY], imports: many(10_000, (i) => importOf("env", `import ${i}`, [0, 0])) }),
  "100,000 data segments": () => wasmModule({ memories: [[0, 1]], data: many(100_000, () => [1, 0]) }),
  "1.9 million table entries": () =>
    wasmModule({
      types: [EMPTY],
      functions: [{ type: 0, code: [] }],
      elements: [join([[5, 0x70], leb(1_900_000), ...many(1_900_000, () => [0xd2, 0, END])])],
    }),
  "100,000 tables": () => wasmModule({ tables: many(100_000, () => [0x70, 0, 0]) }),
  "10,000 custom sections": () => rawModule(...many(10_000, () => section(0, [1, 0x61]))),
  "100,000 names that lie": () =>
    wasmModule({
      types: [EMPTY],
      functions: [{ type: 0, code: [], name: "f" }],
      customs: [
        customSection("name", section(1, vec(many(100_000, (i) => join([leb(i), name(`lie ${i}`)]))))),
      ],
    }),
  "a declared count of 4 billion": () => rawModule(section(SECTION.type, [0xff, 0xff, 0xff, 0xff, 0x0f])),
  "counts of 4 billion in every section": () =>
    rawModule(
      ...[1, 2, 3, 4, 5, 13, 6, 7, 9, 12, 10, 11].map((id) => section(id, [0xff, 0xff, 0xff, 0xff, 0x0f])),
    ),
  "4 billion locals": () =>
    wasmModule({
      types: [EMPTY],
      functions: [{ type: 0, locals: many(16, () => [0x0fffffff, I32] as const), code: [] }],
    }),
  "50,000 locals in 50,000 groups": () =>
    wasmModule({
      types: [EMPTY],
      functions: [{ type: 0, locals: many(49_000, () => [1, I32] as const), code: [] }],
    }),
  "4 MB in functions of 500 KB": () => {
    const code: Bytes = Array(500_000).fill(0x01);
    return wasmModule({ types: [EMPTY], functions: many(8, () => ({ type: 0, code })) });
  },
  "64 MiB of one custom section": () => {
    const bytes = new Uint8Array(64 * 2 ** 20);
    bytes.set([...HEADER, 0, ...leb(bytes.length - 13, 4), 1, 0x61]);
    return bytes;
  },
};

/** What comes of those that are not taken. */
const ENDS: Readonly<Record<string, string>> = {
  "10^6 types": "ModuleRefused",
  "10^6 types in one group": "ModuleRefused",
  "10^6 functions": "ModuleRefused",
  "10^6 globals": "ModuleRefused",
  "150,000 exports": "ModuleRefused",
  "150,000 imports": "ModuleRefused",
  "100,000 tables": "ModuleRefused",
  "a declared count of 4 billion": "ModuleInvalid",
  "counts of 4 billion in every section": "ModuleInvalid",
  "4 billion locals": "ModuleInvalid",
  // Instrumented, it is larger than V8 takes one; the interpreter has no such limit.
  "4 MB in functions of 500 KB": isForInterpreter() ? "loaded" : "ModuleRefused",
};

const figures: { what: string; size: number; took: number; stall: number }[] = [];

for (const [what, make] of Object.entries(STRUCTURES)) {
  Deno.test(`E40 ${what}: an answer in bounded time, and the host's event loop goes on`, async () => {
    const bytes = make();
    await using runtime = await Aegis.create();
    await runtime.loadBytes(SAMPLE); // the prepare Worker is up
    const started = performance.now();
    const { result, stall } = await withTicks(() => verdict(runtime, bytes));
    const took = performance.now() - started;
    figures.push({ what, size: bytes.length, took, stall });
    assertEquals(result, ENDS[what] ?? "loaded");
    assert(took < 4000, `it took ${took.toFixed(0)} ms`);
    assert(stall < 250, `the event loop stood still for ${stall.toFixed(0)} ms`);
  });
}

// Fails when preparing is done on the host's thread.
Deno.test("E41 while one module is prepared for long the host's event loop goes on and sandboxes run", async () => {
  const slow = STRUCTURES["1.9 million table entries"]?.() ?? new Uint8Array();
  await using runtime = await Aegis.create({ timeout: 5000 });
  const quick = await runtime.loadWat(`(module (func (export "f") (result i32) (i32.const 1)))`);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(quick);
  let calls = 0, done = false;
  const { stall } = await withTicks(async () => {
    const loading = verdict(runtime, slow).finally(() => done = true);
    while (!done) {
      assertEquals(await sandbox.call("f"), 1);
      calls++;
    }
    await loading;
  });
  assert(calls > 50, `${calls} calls meanwhile`);
  assert(stall < 250, `${stall.toFixed(0)} ms`);
});

Deno.test("E39 bytes that change while they are loaded change nothing", async () => {
  await using runtime = await Aegis.create();
  const bytes = wasmModule({
    types: [funcType([], [I32])],
    functions: [{ type: 0, code: [0x41, 7], name: "f" }],
  });
  const loading = runtime.loadBytes(bytes);
  bytes.fill(0xff);
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await loading);
  assertEquals(await sandbox.call("f"), 7);
});

/** Text is parsed on the host's thread, so its length is bounded; the longest may take this many milliseconds. */
const MOST_TEXT_STALL = 1000;

/** Texts that are refused, but for nothing, which is a module of nothing. */
const TEXTS: Readonly<Record<string, () => string>> = {
  "a million open parentheses": () => "(".repeat(1_000_000),
  "a million nested blocks": () => `(module (func ${"(block ".repeat(200_000)}${")".repeat(200_000)}))`,
  "a string without an end": () => `(module (data "${"a".repeat(1_000_000)}`,
  "a comment without an end": () => `(module (; ${"(; ".repeat(300_000)}`,
  "a number of a million digits": () => `(module (func (drop (i32.const ${"9".repeat(1_000_000)}))))`,
  "100,000 names": () => `(module ${many(100_000, (i) => `(func $f${i})`).join("")})`,
  "a name of a megabyte": () => `(module (func $${"a".repeat(1_000_000)}))`,
  "20,000 instructions": () => `(module (func ${"(drop (i32.const 1))".repeat(20_000)}))`,
  "3,000 operands within each other": () =>
    `(module (func (result i32) ${"(i32.add ".repeat(3000)} (i32.const 1) ${"(i32.const 1))".repeat(3000)}))`,
  nothing: () => "",
  "no module": () => "hello",
  "control characters": () => "\0\u0001\u001b[31m",
};

for (const [what, make] of Object.entries(TEXTS)) {
  Deno.test(`E39 text of ${what} gets an answer, and the host's event loop goes on`, async () => {
    await using runtime = await Aegis.create();
    await runtime.loadWat("(module)");
    const text = make(), started = performance.now();
    const { result, stall } = await withTicks(() =>
      runtime.loadWat(text).then(() => "loaded", (error) => {
        assert(error instanceof AegisError, `${error}`);
        return error.code;
      })
    );
    const took = performance.now() - started;
    figures.push({ what: `text of ${what}`, size: text.length, took, stall });
    assertEquals(result, what === "nothing" ? "loaded" : "ModuleInvalid");
    assert(took < 4000, `it took ${took.toFixed(0)} ms`);
    assert(stall < MOST_TEXT_STALL, `the event loop stood still for ${stall.toFixed(0)} ms`);
  });
}

globalThis.addEventListener("unload", () => {
  const worst = (by: "took" | "stall") =>
    figures.toSorted((a, b) => b[by] - a[by]).slice(0, 4).map((row) => `${row.what} ${row[by].toFixed(0)} ms`)
      .join(", ");
  console.log(`E40 longest: ${worst("took")}; longest without a tick: ${worst("stall")}`);
});
