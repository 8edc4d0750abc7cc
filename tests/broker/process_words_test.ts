import { readWords } from "../../src/broker/process_words.ts";
import { OperationError } from "../../src/protocol/operations.ts";
import { assertEquals, assertThrows } from "../assert.ts";

function errnoOf(text: string): string {
  return assertThrows(() => readWords(text), OperationError).errno;
}

Deno.test("readWords() reads words with a NUL behind each, empty ones as well", () => {
  assertEquals(readWords(""), []);
  assertEquals(readWords("\0"), [""]);
  assertEquals(readWords("one\0two words\0\0"), ["one", "two words", ""]);
});

Deno.test("readWords() refuses words without their last NUL", () => {
  assertEquals(errnoOf("one"), "inval");
  assertEquals(errnoOf("one\0two"), "inval");
});

Deno.test("readWords() takes 1,000 words and 64 KiB, and no more", () => {
  assertEquals(readWords("a\0".repeat(1000)).length, 1000);
  assertEquals(errnoOf("a\0".repeat(1001)), "toobig");
  assertEquals(readWords(`${"ä".repeat(32 * 1024 - 1)}a\0`).length, 1);
  assertEquals(errnoOf(`${"ä".repeat(32 * 1024)}\0`), "toobig");
});
