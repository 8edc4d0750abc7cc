import type { HostFunction, HostFunctions, Instance, Session } from "../instance.ts";
import { callUnsigned, readWords, readZeroTerminated, writeText } from "../guest_memory.ts";
import { packageBytes } from "./package_file.ts";
import type { DrivenModule } from "./packaged_module.ts";

/** What emscripten's linker made of the names that are used here. */
const NAMES = {
  constructors: "P",
  prepare: "T",
  step: "U",
  finalize: "X",
  columnText: "Z",
  open: "Ha",
  malloc: "Ia",
} as const;

/** `SQLITE_ROW`. */
const ROW = 100;

const STATEMENTS = [
  "CREATE TABLE planets (name TEXT PRIMARY KEY, moons INTEGER)",
  "INSERT INTO planets VALUES ('Earth', 1), ('Mars', 2), ('Jupiter', 95), ('Venus', 0)",
  "SELECT group_concat(name || ':' || moons, ' ') FROM (SELECT * FROM planets WHERE moons > 0 ORDER BY moons)",
  "WITH RECURSIVE f(a, b) AS (SELECT 0, 1 UNION ALL SELECT b, a + b FROM f LIMIT 91) SELECT max(a) FROM f",
  "SELECT printf('%.6f', sqrt(2)), hex(substr('abc', 2))",
];

/** Parameter types of the imports: emscripten's system calls, which a database in memory does without. */
const SYSTEM_CALLS: Readonly<Record<string, string>> = {
  b: "iii",
  e: "i",
  g: "ii",
  h: "iii",
  i: "ii",
  j: "ii",
  k: "id",
  l: "i",
  m: "ii",
  n: "iiii",
  o: "iii",
  p: "",
  q: "iiii",
  r: "i",
  s: "iiii",
  t: "iiii",
  x: "iiii",
  y: "iiiilii",
  z: "iiiiil",
  A: "li",
  C: "iii",
  D: "iiii",
  E: "ilii",
  F: "",
  G: "ii",
  H: "ii",
  I: "ii",
  J: "il",
  K: "i",
  L: "iiii",
  M: "ii",
  N: "ii",
};

/** Those without a result: assertions, exit, abort, time zones, warnings. */
const NOTICES: Readonly<Record<string, string>> = { a: "iiii", f: "i", u: "i", v: "", w: "", B: "iiii" };

const TYPES: Readonly<Record<string, string>> = { i: "i32", l: "i64", d: "f64" };

/** "Function not implemented", as emscripten numbers it. */
const NOT_IMPLEMENTED = -52;

function hostFunctions(): HostFunctions {
  const row = (params: string, results: string[], fn: HostFunction["fn"]): HostFunction => ({
    params: [...params].map((letter) => TYPES[letter] ?? letter),
    results,
    fn,
  });
  const a: Record<string, HostFunction> = {
    c: row("", ["f64"], () => 0),
    d: row("", ["f64"], () => 0),
  };
  for (const [name, params] of Object.entries(SYSTEM_CALLS)) {
    a[name] = row(params, ["i32"], () => NOT_IMPLEMENTED);
  }
  for (const [name, params] of Object.entries(NOTICES)) a[name] = row(params, [], () => {});
  return { a };
}

async function allocateText(instance: Instance, text: string): Promise<number> {
  const pointer = await callUnsigned(instance, NAMES.malloc, text.length * 3 + 1);
  await writeText(instance, pointer, `${text}\0`);
  return pointer;
}

/** Runs one statement and returns the first columns of its rows, or the error code of the step that failed. */
async function run(instance: Instance, database: number, slot: number, statement: string): Promise<unknown> {
  const text = await allocateText(instance, statement);
  const error = await callUnsigned(instance, NAMES.prepare, database, text, -1, slot, 0);
  if (error !== 0) return { prepare: error };
  const [prepared = 0] = await readWords(instance, slot, 1);
  const rows: string[] = [];
  for (let code = 0; (code = await callUnsigned(instance, NAMES.step, prepared)) !== 101;) {
    if (code !== ROW) return { step: code };
    rows.push(
      await readZeroTerminated(instance, await callUnsigned(instance, NAMES.columnText, prepared, 0)),
    );
  }
  await instance.call(NAMES.finalize, [prepared]);
  return rows;
}

function session(): Session {
  return {
    imports: hostFunctions(),
    async drive(instance) {
      await instance.call(NAMES.constructors, []);
      const slot = await callUnsigned(instance, NAMES.malloc, 4);
      const opened = await callUnsigned(
        instance,
        NAMES.open,
        await allocateText(instance, ":memory:"),
        slot,
      );
      const [database = 0] = await readWords(instance, slot, 1);
      const results: unknown[] = [];
      for (const statement of STATEMENTS) results.push(await run(instance, database, slot, statement));
      return { opened, results };
    },
  };
}

/** SQLite in C, compiled and minified by emscripten: 40 imports, 22 MiB of memory to start with. */
export const sqlite: DrivenModule = {
  name: "sql.js",
  package: "sql.js",
  version: "1.16.0",
  size: 688_197,
  bytes: () => packageBytes("sql.js", "dist/sql-wasm.wasm"),
  note: "opens a database in memory, fills a table and queries it; expected by hand from the statements",
  session,
  expected: {
    opened: 0,
    results: [[], [], ["Earth:1 Mars:2 Jupiter:95"], ["2880067194370816120"], ["1.414214"]],
  },
};
