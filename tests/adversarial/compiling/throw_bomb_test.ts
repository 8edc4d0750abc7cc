/**
 * E41: throws that carry much, out of values that lie on the stack already: 8 bytes of code each, and hundreds of stores
 * in V8's. Fails when the compile cost does not count what a throw carries: 50,000 of 64 numbers took it 1.1 s.
 */
import { Aegis, AegisError } from "../../../mod.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { type Bytes, END, funcType, I32, join, V128, wasmModule } from "../../wasm/module_builder.ts";

const LOCAL_GET = 0x20, IF = 0x04, THROW = 0x08, DROP = 0x1a;

/** A function with as many `if (local) throw` as said, each with all the values. */
function throwing(
  count: number,
  { type, values }: { type: number; values: number },
): Uint8Array<ArrayBuffer> {
  const carried = Array<number>(values).fill(type);
  const times = (count: number, code: Bytes) => join(Array.from({ length: count }, () => code));
  return wasmModule({
    types: [funcType([], []), funcType(carried, carried), funcType(carried, [])],
    tags: [[0, 2]],
    functions: [{
      type: 0,
      locals: [[1, I32], [1, type]],
      code: join([
        times(values, [LOCAL_GET, 1]),
        times(count, [LOCAL_GET, 0, IF, 1, THROW, 0, END]),
        times(values, [DROP]),
      ]),
      name: "run",
    }],
  });
}

Deno.test("E41 throws that carry 256 bytes each are refused by the ten thousand, and run by the hundred", async () => {
  await using runtime = await Aegis.create({ engine: "v8", timeout: 5000 });
  for (const carried of [{ type: I32, values: 64 }, { type: V128, values: 16 }]) {
    const error = await assertRejects(() => runtime.loadBytes(throwing(10_000, carried)), AegisError);
    assertEquals(error.code, "ModuleRefused");
    assert(error.message.includes("compiling it costs"), error.message);
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadBytes(throwing(300, carried)));
    assertEquals(await sandbox.call("run"), undefined);
  }
});
