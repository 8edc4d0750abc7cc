/** Modules that have a finding, and modules that are like them and have not. */
import { LARGE_FUNCTION } from "../../src/inspection/code_findings.ts";
import type { FindingId } from "../../src/inspection/finding_kinds.ts";
import { largeModule } from "./large_module.ts";
import { noise } from "./hostile_samples.ts";
import { customSection, leb, name, rawModule, section, vec } from "../wasm/module_builder.ts";

/** A module as text, or in binary form where text cannot say it. */
export type Sample = string | Uint8Array;

const WASI = '(import "wasi_snapshot_preview1"';
export const CALLED = "(type $t (func)) (func (call_indirect (type $t) (i32.const 0)))";

/** A module whose memory begins with a text, one byte a letter. */
function dataOf(text: string): string {
  const bytes = [...text].map((letter) => `\\${letter.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `(memory 1 1) (data (i32.const 0) "${bytes.join("")}")`;
}

/** A loop that computes one thing many times. */
function mixing(step: string): string {
  return `(func (param i32) (loop $l ${`(local.set 0 ${step})`.repeat(110)} (br_if $l (local.get 0))))`;
}

/** A function with so many locals. */
function localsOf(count: number): Uint8Array {
  const code = [1, ...leb(count), 0x7f, 0x0b];
  return rawModule(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([[0]])),
    section(10, vec([[...leb(code.length), ...code]])),
  );
}

/** What begins as the address of a pool does, so many times. */
function decoys(count: number): Uint8Array {
  return rawModule(customSection("x", [...new TextEncoder().encode("str".repeat(count))]));
}

/** Exports "add" and "wipe", with the name of the first in the name section. */
function named(own: string, second: string): Uint8Array {
  const names = vec([[0, ...name(own)], [1, ...name(second)]]);
  return rawModule(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([[0], [0]])),
    section(7, vec([[...name("add"), 0, 0], [...name("wipe"), 0, 1]])),
    section(10, vec([[2, 0, 0x0b], [2, 0, 0x0b]])),
    customSection("name", [1, ...leb(names.length), ...names]),
  );
}

/** Of each kind a module that has it, what its detail says, and one that has not although it is like it. */
export const SAMPLES: Readonly<Record<FindingId, readonly [has: Sample, says: string, hasNot: Sample]>> = {
  "invalid": [
    "(func (result i32) (i64.const 1))",
    "at offset 0x",
    "(func (result i32) (i32.const 1))",
  ],
  "refused": ["(memory 2000 2000)", "125MiB of memory", "(memory 1000 1000)"],
  "imitates-aegis": [
    '(import "aegis:files" "open" (func (param i32)))',
    'It imports the function "aegis:files" "open" of type (i32) -> (), which Aegis does not provide.',
    '(import "aegis:http" "close" (func (param i32) (result i32)))',
  ],
  "imitates-host": [
    '(import "env" "readSensor" (func (param i32)))',
    'the function "env" "read_sensor" that a run provides has the type ',
    '(import "env" "abort" (func (param i32)))',
  ],
  "unknown-import": [
    '(import "env" "abort" (func (param i32)))',
    'It imports the function "env" "abort".',
    `${WASI} "proc_exit" (func (param i32)))`,
  ],
  "deceptive-name": [
    '(func (export "a\\e2\\80\\aeb"))',
    'The name of an export is "a\\u202eb".',
    '(func (export "größe 😀"))',
  ],
  "asks-filesystem": [
    `${WASI} "path_unlink_file" (func (param i32 i32 i32) (result i32)))`,
    'It imports "path_unlink_file".',
    `${WASI} "fd_write" (func (param i32 i32 i32 i32) (result i32)))`,
  ],
  "asks-network": [
    '(import "aegis:http" "close" (func (param i32) (result i32)))',
    '"close"',
    '(import "aegis:process" "close" (func (param i32) (result i32)))',
  ],
  "asks-commands": [
    '(import "aegis:process" "close" (func (param i32) (result i32)))',
    '"close"',
    '(import "aegis:http" "close" (func (param i32) (result i32)))',
  ],
  "replaceable-calls": [
    `(table (export "t") 1 1 funcref) ${CALLED}`,
    "Table 0 is exported; it serves 1 indirect call, the first in function 0.",
    `(table 1 1 funcref) ${CALLED} (table (export "t") 1 1 funcref)`,
  ],
  "shared-memory": ["(memory 1 2 shared)", "Memory 0", "(memory 1 2)"],
  "asks-environment": [
    `${WASI} "environ_get" (func (param i32 i32) (result i32)))`,
    '"environ_get"',
    `${WASI} "args_get" (func (param i32 i32) (result i32)))`,
  ],
  "asks-sensors": [
    '(import "env" "read_sensor" (func (param i32) (result i32)))',
    '"read_sensor"',
    '(import "env" "send_alert" (func (param i32 i32 i32)))',
  ],
  "asks-alerts": [
    '(import "env" "send_alert" (func (param i32 i32 i32)))',
    '"send_alert"',
    '(import "env" "log" (func (param i32 i32 i32)))',
  ],
  "asks-channels": [
    '(import "aegis:channel" "close" (func (param i32) (result i32)))',
    '"close"',
    '(import "aegis:http" "close" (func (param i32) (result i32)))',
  ],
  "asks-tools": [
    '(import "aegis:mcp" "cancelled" (func (result i32)))',
    '"cancelled"',
    '(import "aegis:mcp" "cancelled" (func (result i64)))',
  ],
  "asks-plugins": [
    '(import "aegis:plugin" "call" (func (param i32 i32 i32 i32 i32 i32) (result i64)))',
    '"call"',
    '(import "aegis:plugin" "call" (func (param i32) (result i64)))',
  ],
  "start-function": [
    "(func) (func $s) (start $s)",
    "Function 1 is its start function.",
    '(func (export "start"))',
  ],
  "memory-without-maximum": ["(memory 3)", "Memory 0 begins with 3 pages of 64KiB", "(memory 3 4)"],
  "table-without-maximum": [
    "(table 3 funcref)",
    "Table 0 begins with 3 elements",
    "(table 3 3 funcref)",
  ],
  "grows-table": [
    "(table 1 9 funcref) (func (drop (table.grow 0 (ref.null func) (i32.const 1))))",
    "Table 0 is grown by 1 instruction, the first in function 0.",
    "(table 1 9 funcref) (func (drop (table.size 0)))",
  ],
  "exported-table": [
    '(table (export "t") 1 1 funcref)',
    'It exports table 0 as "t".',
    '(table 1 1 funcref) (memory (export "t") 1 1)',
  ],
  "exported-variable": [
    '(global (export "g") (mut i32) (i32.const 0))',
    'It exports global 0 as "g".',
    '(global (export "g") i32 (i32.const 0))',
  ],
  "large-function": [
    largeModule({ functions: 1, drops: Math.ceil((LARGE_FUNCTION - 2) / 3) }),
    "Function 0 has ",
    largeModule({ functions: 1, drops: Math.ceil((LARGE_FUNCTION - 2) / 3) - 1 }),
  ],
  "malformed-names": [
    rawModule(customSection("name", [0, 5, 1])),
    "The rest of the name section was ignored",
    rawModule(customSection("name", [0, 2, 1, 0x61])),
  ],
  "private-key": [
    dataOf(`-----BEGIN PRIVATE KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(2)}`),
    'It holds a private key: "BEGIN PR…".',
    dataOf("-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----"),
  ],
  "mining-pool": [dataOf("stratum+tcp://a"), '"stratum+tcp"', dataOf("stratum two tcp")],
  "secret-token": [
    dataOf("AKIAQ7RT2M5XW9PLK3VB"),
    'It holds what reads as a key of AWS: "AKIAQ7RT…".',
    dataOf("AKIAIOSFODNN7EXAMPLE"),
  ],
  "wallet-address": [
    dataOf("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    "an address of Bitcoin",
    dataOf("abc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
  ],
  "decoy-data": [
    decoys(100_000),
    "So much of it begins as they do that the rest was not looked through for: the address of a mining pool",
    decoys(99_999),
  ],
  "embedded-program": [
    dataOf("\0asm\x01\0\0\0\x01\x04\x01"),
    "It holds a WebAssembly module.",
    dataOf("\0asm\x01\0\0\0\x63\x04\x01"),
  ],
  "embedded-archive": [
    dataOf(`PK\x03\x04\x14\0${"\0".repeat(20)}\x05\0\0\0hello`),
    "It holds an archive (ZIP).",
    dataOf(`PK\x03\x04\x14\0${"\xff".repeat(28)}`),
  ],
  "hidden-host": [
    dataOf("http://93.184.216.34:80/"),
    '"http://93.184.216.34:80"',
    dataOf("http://127.0.0.1:80/"),
  ],
  "hash-like-code": [
    mixing(`(i32.xor (i32.rotl (local.get 0) (i32.const 7)) (i32.const 3))`),
    "1 large loop or function consists of xor",
    mixing(`(i32.add (i32.mul (local.get 0) (i32.const 7)) (i32.const 3))`),
  ],
  "encoded-data": [
    rawModule(customSection("blob", [...new TextEncoder().encode(noise(6000).toBase64())])),
    "read as base64 or as hexadecimal digits",
    rawModule(customSection("blob", [...new TextEncoder().encode("AnIdentifierInCamelCase".repeat(400))])),
  ],
  "dense-data": [
    rawModule(customSection("blob", [...noise(40_000)])),
    "all bytes are about equally frequent",
    rawModule(customSection("blob", [...noise(40_000).map((byte) => byte & 0x7f)])),
  ],
  "endless-loop": [
    "(func (loop $l (br $l)))",
    "Nothing leads out of 1 loop, in function 0.",
    "(func (param i32) (block $out (loop $l (br_if $out (local.get 0)) (br $l))))",
  ],
  "unusual-function": [
    localsOf(10_000),
    "Function 0 has locals that number 10,000.",
    localsOf(9999),
  ],
  "lying-names": [
    named("wipe", "other"),
    'Function 0, exported as "add", is called "wipe", which is what function 1 is exported as.',
    named("add", "plus"),
  ],
  "unused-import": [
    '(import "a" "b" (func)) (func)',
    'Nothing outside reaches "b".',
    '(import "a" "b" (func $b)) (func (export "f") (call $b))',
  ],
  "urls": [
    dataOf("see https://example.org/a b"),
    '"https://example.org/a"',
    dataOf("see https:// and so on"),
  ],
  "unknown-section": [
    rawModule(customSection("blob", Array(70_000).fill(0))),
    'in "blob"',
    rawModule(customSection("name", Array(70_000).fill(0))),
  ],
  "uncounted-loops": [
    "(func (param i32) (loop $l (br_if $l (local.get 0))))",
    "Of 1 loop 1 does not count to a limit, in function 0.",
    `(func (local i32) (loop $l
      (br_if $l (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9)))))`,
  ],
  "recursion": [
    "(func $a (call $b)) (func $b (call $a)) (func $c (call $c))",
    "3 functions stand in 2 cycles of direct calls, the largest of 2; the first is function 0.",
    "(func $a (call $b)) (func $b (call $c)) (func $c)",
  ],
  "indirect-calls": [
    `(table 1 1 funcref) ${CALLED} (elem (i32.const 0) 0)`,
    "It holds 1 indirect call; 1 function can be their targets.",
    "(table 1 1 funcref) (func) (elem (i32.const 0) 0)",
  ],
  "large-maximum": ["(memory 1 65536)", "Memory 0 begins with 1 page", "(memory 1 16383)"],
  "asks-clock": [
    `${WASI} "clock_time_get" (func (param i32 i64 i32) (result i32)))`,
    '"clock_time_get"',
    `${WASI} "random_get" (func (param i32 i32) (result i32)))`,
  ],
  "asks-random": [
    `${WASI} "random_get" (func (param i32 i32) (result i32)))`,
    '"random_get"',
    `${WASI} "clock_time_get" (func (param i32 i64 i32) (result i32)))`,
  ],
  "asks-streams": [
    `${WASI} "fd_write" (func (param i32 i32 i32 i32) (result i32)))`,
    '"fd_write"',
    `${WASI} "path_unlink_file" (func (param i32 i32 i32) (result i32)))`,
  ],
  "asks-arguments": [
    `${WASI} "args_get" (func (param i32 i32) (result i32)))`,
    '"args_get"',
    `${WASI} "environ_get" (func (param i32 i32) (result i32)))`,
  ],
  "asks-logging": [
    '(import "aegis:log" "log" (func (param i32 i32 i32)))',
    '"log"',
    '(import "aegis:log" "log" (func (param i32 i32)))',
  ],
  "asks-sockets": [
    `${WASI} "sock_shutdown" (func (param i32 i32) (result i32)))`,
    '"sock_shutdown"',
    `${WASI} "fd_read" (func (param i32 i32 i32 i32) (result i32)))`,
  ],
  "grows-memory": [
    "(memory 1 9) (func) (func (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 1))))",
    "Memory 0 is grown by 2 instructions, the first in function 1.",
    "(memory 1 9) (func (drop (memory.size)))",
  ],
  "exported-memory": ['(memory (export "m") 1 1)', 'It exports memory 0 as "m".', "(memory 1 1)"],
  "debug-sections": [
    rawModule(customSection(".debug_info", [1, 2, 3]), customSection("sourceMappingURL", name("a.map"))),
    'It holds 9 bytes in ".debug_info", "sourceMappingURL".',
    rawModule(customSection("debug", [1, 2, 3])),
  ],
  "producers": [
    rawModule(
      customSection("producers", vec([[...name("language"), ...vec([[...name("C"), ...name("17")]])]])),
    ),
    'It names language "C 17".',
    rawModule(customSection("producers", vec([]))),
  ],
};
