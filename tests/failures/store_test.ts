/** A statement of the task store fails: some of them here, each of them in every_statement_test.ts. */
import { assert } from "../assert.ts";
import { sweepStore } from "./store_rig.ts";

Deno.test("a statement of the task store that fails loses nothing that was told as done", async () => {
  const places = await sweepStore("io", { first: 7, step: 21 });
  assert(places > 5, `${places} statements`);
});
