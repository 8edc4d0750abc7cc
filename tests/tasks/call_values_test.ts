import { callArguments, resultsJson } from "../../src/tasks/call_values.ts";
import type { TaskValue } from "../../src/tasks/task_settings.ts";
import { AegisError, type FuncType, type ValueKind } from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const taking = (...params: ValueKind[]): FuncType => ({ params, results: [] });

Deno.test("callArguments() reads numbers as what the function takes", () => {
  const args = ["7", "0x10", "9007199254740993", 5, "1.5", "nan", "-inf", "-0"];
  const read = callArguments(args, taking("i32", "i32", "i64", "i64", "f64", "f64", "f32", "f64"));
  assertEquals(read.slice(0, 5), [7, 16, 9007199254740993n, 5n, 1.5]);
  assert(Number.isNaN(read[5]) && read[6] === -Infinity && Object.is(read[7], -0), String(read));
});

Deno.test("callArguments() refuses text that is no number", () => {
  const wrong: [TaskValue, ValueKind][] = [
    ["", "i32"],
    [" ", "i64"],
    ["", "i64"],
    ["1.5", "i64"],
    [1.5, "i64"],
    ["nan", "i32"],
    ["twelve", "f64"],
    ["constructor", "f64"],
    ["__proto__", "f32"],
  ];
  for (const [value, kind] of wrong) {
    const error = assertThrows(() => callArguments([value], taking(kind)), AegisError);
    assertEquals(error.code, "TypeMismatch", `${value} as ${kind}`);
  }
});

Deno.test("callArguments() leaves content as it is", () => {
  const content: TaskValue[] = ["text", { a: [1, null] }];
  assertEquals(callArguments(content, taking("i32")), content as unknown as number[]); // what is asserted
  assertEquals(callArguments(content, undefined).length, 2);
});

Deno.test("resultsJson() says what JSON has no digits for", () => {
  const values = [1, -0, NaN, Infinity, -Infinity, 2n ** 63n, Uint8Array.of(1, 255), "text"];
  assertEquals(resultsJson(values), '[1,"-0","nan","inf","-inf","9223372036854775808","01ff","text"]');
  assertEquals(resultsJson([]), "[]");
});
