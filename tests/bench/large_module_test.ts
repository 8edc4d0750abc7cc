import { assert, assertEquals } from "../assert.ts";
import { repeatFunctions } from "../../bench/fuel/large_module.ts";
import { exported } from "../../bench/fuel/subject.ts";
import { sizeOfProgram } from "../../bench/fuel/sections.ts";
import { textModule } from "../adversarial/cpu/stopping.ts";

const TEXT = `(module (memory 1) (func $one (result i32) (i32.const 1))
  (func (export "two") (result i32) (i32.add (call $one) (call $one))) (data (i32.const 0) "abc"))`;

Deno.test("repeatFunctions() makes a valid module that does the same, and grows in equal steps", async () => {
  const bytes = textModule(TEXT),
    sizes = [100, 200, 300].map((copies) => repeatFunctions(bytes, copies).length);
  const [first = 0, second = 0, third = 0] = sizes;
  assertEquals(third - second, second - first);
  const { instance } = await WebAssembly.instantiate(repeatFunctions(bytes, 100), {});
  assertEquals(exported(instance.exports, "two")(), 2);
  assertEquals(repeatFunctions(bytes, 1), bytes);
});

Deno.test("sizeOfProgram() leaves custom sections out, and nothing else", () => {
  const bytes = textModule(TEXT), custom = [0, 5, 1, 0x78, 1, 2, 3];
  const padded = Uint8Array.from([...bytes.subarray(0, 8), ...custom, ...bytes.subarray(8), ...custom]);
  assert(WebAssembly.validate(padded));
  assertEquals(sizeOfProgram(bytes), bytes.length);
  assertEquals(sizeOfProgram(padded), bytes.length);
});
