import { CoreCache } from "../../src/guest/core_cache.ts";
import { buildCore } from "../../src/interp/core/build_core.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("CoreCache builds and compiles a core once for each list of memories", async () => {
  const cores = new CoreCache();
  assertEquals(await cores.bytes(["i64"]), buildCore(["i64"]));
  assert(cores.bytes(["i64"]) === cores.bytes(["i64"]));
  const [first, second] = [await cores.compiled(["i32"]), await cores.compiled(["i32"])];
  assert(first === second && first !== await cores.compiled([]));
});

Deno.test("CoreCache forgets cores of lists that modules make up", async () => {
  const cores = new CoreCache(), first = await cores.bytes([]);
  for (let count = 1; count < 20; count++) await cores.bytes(Array<"i32">(count).fill("i32"));
  const again = await cores.bytes([]);
  assert(again !== first);
  assertEquals(again, first);
});
