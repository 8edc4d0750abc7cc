import { exported, memoryOf, type Workload } from "../subject.ts";
import { driverImports, packagedBytes } from "./packaged.ts";

/** What emscripten's linker made of the names that are used here. */
const NAMES = {
  memory: "O",
  constructors: "P",
  prepare: "T",
  step: "U",
  finalize: "X",
  columnText: "Z",
  open: "Ha",
  malloc: "Ia",
} as const;

const ROW = 100, DONE = 101;

/** Fills a table, indexes it, searches, groups, joins and sorts, and drops it. */
function statements(rows: number): string[] {
  return [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, name TEXT)",
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ${rows})
      INSERT INTO t SELECT i, i * 7919 % 1000, 'name ' || (i * 31 % 977) FROM n`,
    "CREATE INDEX byK ON t (k)",
    "SELECT count(*) || ' ' || sum(length(name)) FROM t WHERE name LIKE '%7%'",
    "SELECT group_concat(c) FROM (SELECT k % 10, count(*) AS c FROM t GROUP BY 1)",
    "SELECT count(*) FROM t a JOIN t b ON a.k = b.k WHERE a.id < 200",
    "SELECT sum(id) FROM (SELECT id FROM t ORDER BY name, id LIMIT 100)",
    "DROP TABLE t",
  ];
}

/** A database in memory; SQLite's interpreter of bytecode is one function of thousands of branches. */
export const sqliteWorkload: Workload = {
  name: "sql.js",
  group: "third party",
  bytes: packagedBytes("sql.js"),
  imports: driverImports("sql.js"),
  setUp(exports, share) {
    exported<void>(exports, NAMES.constructors)();
    const malloc = exported(exports, NAMES.malloc), prepare = exported(exports, NAMES.prepare);
    const step = exported(exports, NAMES.step), finalize = exported(exports, NAMES.finalize);
    const columnText = exported(exports, NAMES.columnText);
    const place = (text: string) => {
      const bytes = new TextEncoder().encode(`${text}\0`), pointer = malloc(bytes.length) >>> 0;
      memoryOf(exports, NAMES.memory).set(bytes, pointer);
      return pointer;
    };
    const word = (at: number) => new DataView(memoryOf(exports, NAMES.memory).buffer).getUint32(at, true);
    const slot = malloc(4) >>> 0;
    if (exported(exports, NAMES.open)(place(":memory:"), slot) !== 0) {
      throw new Error("Cannot open a database");
    }
    const database = word(slot), texts = statements(Math.round(25_000 * share)).map(place);
    return () => {
      let sum = 0;
      for (const text of texts) {
        if (prepare(database, text, -1, slot, 0) !== 0) throw new Error("A statement was refused");
        const statement = word(slot);
        let code: number;
        while ((code = step(statement)) === ROW) {
          const memory = memoryOf(exports, NAMES.memory);
          for (let at = columnText(statement, 0) >>> 0; memory[at] !== 0; at++) {
            sum = (Math.imul(sum, 31) + (memory[at] ?? 0)) | 0;
          }
        }
        if (code !== DONE) throw new Error(`A step failed: ${code}`);
        finalize(statement);
      }
      return sum;
    };
  },
};
