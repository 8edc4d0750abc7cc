/** What host functions may return, as the compiler sees it: this file has to be checked, and runs what it declares. */
import { Aegis, hostFunction } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assertEquals } from "../assert.ts";

const seen: number[] = [];

/** Array literals for several results, in both forms; whatever a function returns where nothing is wanted. */
const FUNCTIONS = {
  pair: hostFunction({ params: ["i32"], results: ["i32", "i64"] }, (x) => [x, 2n]),
  later: hostFunction(
    { params: ["i32"], results: ["i32", "i64"] },
    async (x) => [await Promise.resolve(x), 3n],
  ),
  note: hostFunction({ params: ["i32"], results: [] }, (x) => seen.push(x)),
  noteLater: hostFunction({ params: ["i32"], results: [] }, async (x) => await Promise.resolve(seen.push(x))),
  json: hostFunction(
    { params: ["string"], results: ["json"] },
    async (x): Promise<unknown> => await JSON.parse(x),
  ),
};

// @ts-expect-error -- an i64 is a bigint
hostFunction({ params: ["i32"], results: ["i32", "i64"] }, (x) => [x, 2]);
// @ts-expect-error -- two results are two
hostFunction({ params: ["i32"], results: ["i32", "i64"] }, (x) => [x]);
// @ts-expect-error -- the same behind a promise
hostFunction({ params: ["i32"], results: ["i32", "i64"] }, async (x) => [await Promise.resolve(x), 2]);
// @ts-expect-error -- undefined is no text
hostFunction({ params: ["string"], results: ["string"] }, (x) => new Map([["a", "b"]]).get(x));
// @ts-expect-error -- nothing is no number
hostFunction({ params: [], results: ["i32"] }, () => {});

Deno.test("registerFunc() takes functions with several results as array literals, and drops what nobody wants", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  sandbox.registerFuncs("h", FUNCTIONS);
  sandbox.registerFunc("h", "direct", { params: ["i32"], results: ["i32", "f64"] }, (x) => [x, 0.5]);
  sandbox.registerFunc("h", "drop", { params: ["i32"], results: [] }, (x) => seen.push(x));
  const imports = [["pair", "i32 i64"], ["later", "i32 i64"], ["note", ""], ["noteLater", ""], ["drop", ""]];
  const calls = [...imports, ["direct", "i32 f64"]].map(([name, results]) => `
    (import "h" "${name}" (func $${name} (param i32) (result ${results})))`);
  const exports = [...imports, ["direct", "i32 f64"]].map(([name, results]) => `
    (func (export "${name}") (param i32) (result ${results}) (call $${name} (local.get 0)))`);
  const bytes = compileText(`(module ${calls.join("")} ${exports.join("")})`);
  await sandbox.loadModule(await runtime.loadBytes(bytes));
  assertEquals<unknown>(await sandbox.call("pair", [1]), [1, 2n]);
  assertEquals<unknown>(await sandbox.call("later", [1]), [1, 3n]);
  assertEquals<unknown>(await sandbox.call("direct", [1]), [1, 0.5]);
  for (const name of ["note", "noteLater", "drop"]) assertEquals(await sandbox.call(name, [7]), undefined);
  assertEquals(sandbox.callSync("note", [7]), undefined);
  assertEquals(seen, [7, 7, 7, 7]);
});
