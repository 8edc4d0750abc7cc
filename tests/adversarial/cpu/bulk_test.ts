import { assert, assertEquals } from "../../assert.ts";
import { assertStops, prepared, wordsOf } from "./stopping.ts";
import { compileWat } from "../../../src/sandbox/wat.ts";

/** Bulk operations of the largest size that fits, over and over. Without chunks each would be one long instruction. */
const STORMS: Readonly<Record<string, string>> = {
  "memory.fill of 60 MiB": `(memory.fill (i32.const 0) (i32.const 7) (i32.const 62914560))`,
  "memory.copy of 60 MiB forwards": `(memory.copy (i32.const 0) (i32.const 1) (i32.const 62914560))`,
  "memory.copy of 60 MiB backwards": `(memory.copy (i32.const 1) (i32.const 0) (i32.const 62914560))`,
  "memory.init of nothing": `(memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))`,
  "table.fill of 10,000": `(table.fill $t (i32.const 0) (ref.func $f) (i32.const 10000))`,
  "table.copy of 9,999 backwards": `(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 9999))`,
  "table.copy between tables": `(table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 10000))`,
  "table.init of 5,000": `(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 5000))`,
};

for (const [what, instruction] of Object.entries(STORMS)) {
  Deno.test(`C24 ${what} in a loop is stopped by the timeout and by fuel`, async () => {
    const text = `(module (memory 961) (table $t 10000 funcref) (table $u 10000 funcref) (data $d "abc")
      (elem $e func ${"$f ".repeat(5000)}) (func $f)
      (func (export "run") (loop $l ${instruction} (br $l))))`;
    await assertStops("timeout", text, { timeout: 150 });
    await using guest = await prepared(text, { timeout: 10_000, fuelLimit: 10_000_000 });
    assertEquals(wordsOf(await guest.sandbox.tryCall("run")), "limit fuel");
    // The last chunk goes beyond: by a million units for memory, by 65,536 for tables.
    const { fuelConsumed } = guest.sandbox.metrics();
    assert(fuelConsumed <= 11_100_000n, `${fuelConsumed}`);
  });
}

/** Copies of more than a chunk (1 MiB, 65,536 elements) whose ranges overlap, in both directions and by odd amounts. */
const COPIES = [
  { to: 5, from: 0, size: 3_000_001 },
  { to: 0, from: 5, size: 3_000_001 },
  { to: 1_048_575, from: 1_048_577, size: 2_097_153 },
  { to: 700_000, from: 700_000, size: 2_000_000 },
] as const;

const MEMORY_TEXT = `(module (memory (export "memory") 64)
  (func (export "prepare") (local i32)
    (loop $l (i32.store (local.get 0) (i32.mul (local.get 0) (i32.const 0x9e3779b1)))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 4194304)))))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))))`;

// Fails when chunks go from the wrong end, or are displaced by one.
Deno.test("C24 memory.copy of more than 1 MiB onto itself gives what it gives on bare V8", async () => {
  await using guest = await prepared(MEMORY_TEXT, { timeout: 10_000 });
  const { instance } = await WebAssembly.instantiate(await compileWat(MEMORY_TEXT));
  const bare = instance.exports as Record<string, (...args: number[]) => void>;
  const memory = instance.exports.memory as WebAssembly.Memory;
  for (const { to, from, size } of COPIES) {
    await guest.sandbox.call("prepare");
    await guest.sandbox.call("copy", [to, from, size]);
    bare.prepare?.();
    bare.copy?.(to, from, size);
    const seen = await guest.sandbox.readMemory(0, 4_194_304);
    const differs = seen.findIndex((byte, index) => byte !== new Uint8Array(memory.buffer)[index]);
    assertEquals(differs, -1, `copy ${size} bytes from ${from} to ${to}`);
  }
});

const TABLE_TEXT = `(module (type $i (func (result i32))) (table $t 300000 funcref)
  ${Array.from({ length: 7 }, (_, i) => `(func $f${i} (result i32) (i32.const ${i + 1}))`).join("\n")}
  (elem $e func $f0 $f1 $f2 $f3 $f4 $f5 $f6)
  (func (export "prepare") (local i32)
    (loop $l (table.init $t $e (local.get 0) (i32.const 0) (i32.const 7))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 7))) (i32.const 299990)))))
  (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $f3) (local.get 1)))
  (func (export "sum") (result i32) (local i32 i32)
    (loop $l
      (if (i32.eqz (ref.is_null (table.get $t (local.get 0)))) (then
        (local.set 1 (i32.add (i32.mul (local.get 1) (i32.const 31))
          (call_indirect $t (type $i) (local.get 0))))))
      (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 300000))))
    (local.get 1)))`;

Deno.test("C24 table.copy and table.fill of more than 65,536 elements give what they give on bare V8", async () => {
  await using guest = await prepared(TABLE_TEXT, { timeout: 10_000, functionTableLimit: 300_000 });
  const { instance } = await WebAssembly.instantiate(await compileWat(TABLE_TEXT));
  const bare = instance.exports as Record<string, (...args: number[]) => number>;
  for (
    const [to, from, size] of [[3, 0, 200_000], [0, 3, 200_000], [65_536, 0, 150_001], [1, 70_000, 140_000]]
  ) {
    const args = [to ?? 0, from ?? 0, size ?? 0];
    for (const name of ["prepare", "copy"]) {
      await guest.sandbox.call(name, name === "copy" ? args : []);
      bare[name]?.(...(name === "copy" ? args : []));
    }
    assertEquals(await guest.sandbox.call("sum"), bare.sum?.());
  }
  await guest.sandbox.call("fill", [11, 250_000]);
  bare.fill?.(11, 250_000);
  assertEquals(await guest.sandbox.call("sum"), bare.sum?.());
});

// Fails when bounds are not compared before the first chunk: bytes would be charged, or written, before the trap.
Deno.test("C24 bulk operations beyond their memory, table or segment pay for the instruction alone, change nothing and trap", async () => {
  const text =
    `(module (memory (export "memory") 32) (table $t 200 funcref) (data $d "abcd") (elem $e func $f) (func $f)
    (func (export "fill") (memory.fill (i32.const 1) (i32.const 9) (i32.const 2097152)))
    (func (export "fillHuge") (memory.fill (i32.const 0) (i32.const 9) (i32.const -1)))
    (func (export "copy") (memory.copy (i32.const 0) (i32.const 1) (i32.const 2097152)))
    (func (export "copyHuge") (memory.copy (i32.const -1) (i32.const -1) (i32.const -1)))
    (func (export "init") (memory.init $d (i32.const 0) (i32.const 1) (i32.const 4)))
    (func (export "initHuge") (memory.init $d (i32.const 0) (i32.const 0) (i32.const -1)))
    (func (export "tableFill") (table.fill $t (i32.const 1) (ref.func $f) (i32.const 200)))
    (func (export "tableCopy") (table.copy $t $t (i32.const 0) (i32.const -1) (i32.const 2)))
    (func (export "tableInit") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const -1))))`;
  await using guest = await prepared(text);
  const { sandbox } = guest;
  for (
    const [name, ends] of [
      ["fill", "trap memoryOutOfBounds"],
      ["fillHuge", "trap memoryOutOfBounds"],
      ["copy", "trap memoryOutOfBounds"],
      ["copyHuge", "trap memoryOutOfBounds"],
      ["init", "trap memoryOutOfBounds"],
      ["initHuge", "trap memoryOutOfBounds"],
      ["tableFill", "trap tableOutOfBounds"],
      ["tableCopy", "trap tableOutOfBounds"],
      ["tableInit", "trap tableOutOfBounds"],
    ] as const
  ) {
    assertEquals(wordsOf(await sandbox.tryCall(name)), ends, name);
    const { fuelConsumed = 0n } = sandbox.metrics().lastCall ?? {};
    assert(fuelConsumed <= 10n, `${name} cost ${fuelConsumed}`);
  }
  assertEquals((await sandbox.readMemory(0, 2_097_152)).findIndex((byte) => byte !== 0), -1);
});
