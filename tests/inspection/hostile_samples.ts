/**
 * Hostile modules, at least one for each kind of finding that tells of something bad: as text, or built where text cannot
 * say it. Each row names what has to be found, and the least severity of it.
 */
import type { FindingId } from "../../src/inspection/finding_kinds.ts";
import { customSection, leb, name, rawModule, section, vec } from "../wasm/module_builder.ts";

/** A module, and what is wrong with it. */
export interface HostileSample {
  readonly what: string;
  readonly module: string | Uint8Array;
  readonly finds: readonly FindingId[];
}

const KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

/** Data of a module; bytes beyond the plain letters are escaped. */
function data(...texts: readonly string[]): string {
  let at = 0;
  const segments = texts.map((text) => {
    const bytes = [...text].map((letter) => letter.charCodeAt(0));
    const escaped = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    const segment = `(data (i32.const ${at}) "${escaped}")`;
    at += bytes.length;
    return segment;
  });
  return `(module (memory 4 4) ${segments.join(" ")})`;
}

/** Letters of two bytes. */
export function wide(text: string): string {
  return [...text].map((letter) => `${letter}\0`).join("");
}

/** Bytes that look random, the same each time. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x6d2b79f5 | 0;
    bytes[at] = (state ^ state >>> 13) >>> 8;
  }
  return bytes;
}

const MIX =
  "(local.set 0 (i32.add (i32.xor (i32.rotl (local.get 0) (i32.const 7)) (i32.shr_u (local.get 0) (i32.const 3))) (local.get 0)))";

const ELF = "\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0";
const PE = `MZ\x90\0${"\0".repeat(56)}\x80\0\0\0${"\0".repeat(64)}PE\0\0`;

export const HOSTILE_SAMPLES: readonly HostileSample[] = [
  {
    what: "speaks to a pool",
    module: data('{"url":"stratum+tcp://pool.example:3333"}'),
    finds: ["mining-pool"],
  },
  {
    what: "has the address of a pool in two pieces, the second one first in the file",
    module: `(module (memory 1) (data (i32.const 8) "tcp://pool") (data (i32.const 0) "stratum+"))`,
    finds: ["mining-pool"],
  },
  {
    what: "has the address of a pool in letters of two bytes",
    module: data(wide("stratum+ssl://x")),
    finds: ["mining-pool"],
  },
  {
    what: "authorises itself at a pool",
    module: data('"method":"mining.authorize"'),
    finds: ["mining-pool"],
  },
  {
    what: "hides the address of a pool in a custom section",
    module: rawModule(customSection("notes", [...new TextEncoder().encode("stratum+tcp://h")])),
    finds: ["mining-pool"],
  },
  {
    what: "has the address of a pool in two pieces, at addresses that are sums",
    module: `(module (global $at i32 (i32.const 4)) (memory 1)
      (data (i32.sub (i32.mul (i32.const 4) (i32.const 5)) (i32.const 8)) "tcp://pool")
      (data (i32.add (global.get $at) (i32.const 0)) "stratum+"))`,
    finds: ["mining-pool"],
  },
  {
    what: "has the address of a pool in two pieces, behind a global that it imports",
    module: `(module (import "env" "__memory_base" (global $base i32)) (memory 1)
      (data (i32.add (i32.const 8) (global.get $base)) "tcp://pool")
      (data (global.get $base) "stratum+"))`,
    finds: ["mining-pool"],
  },
  {
    what: "speaks to a pool in capitals",
    module: data("STRATUM+TCP://POOL.EXAMPLE"),
    finds: ["mining-pool"],
  },
  {
    what: "hides the address of a pool behind a hundred thousand others",
    module: rawModule(
      customSection("x", [...new TextEncoder().encode(`${"str".repeat(100_001)}stratum+tcp://pool`)]),
    ),
    finds: ["decoy-data"],
  },
  {
    what: "sends to a chat, with its token",
    module: data(`https://discord.com/api/webhooks/112233445566778899/${KEY}`),
    finds: ["secret-token", "urls"],
  },
  {
    what: "sends to a bot, with its token",
    module: data("api.telegram.org/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"),
    finds: ["secret-token"],
  },
  {
    what: "holds a token of a registry",
    module: data("//registry/:_authToken=npm_Zq8Rk3LmP0vXw7TyB2cNd5FgH9jKs4QaUeV1"),
    finds: ["secret-token"],
  },
  ...[
    "http://2852039166/latest",
    "http://0xa9fea9fe/",
    "http://[fd00:ec2::254]/latest",
    "http://user:word@93.184.216.34/",
    "http://127.0.0.1@93.184.216.34/",
    "Host: 169.254.169.254",
    "metadata.google.internal",
  ].map((address): HostileSample => ({
    what: `has a host as ${address}`,
    module: data(address),
    finds: ["hidden-host"],
  })),
  {
    what: "has an address that begins as another one",
    module: data("http://127.0.0.1@drop.example/x"),
    finds: ["urls"],
  },
  {
    what: "imitates WASI with a digit for a letter",
    module: '(module (import "wasi_snapsh0t_previewl" "fd_write" (func)))',
    finds: ["imitates-host"],
  },
  {
    what: "imitates WASI with Greek letters",
    module: '(module (import "wαsi_snapshοt_preview1" "fd_write" (func)))',
    finds: ["imitates-host"],
  },
  {
    what: "has a Cyrillic letter in the name of an export",
    module: '(module (func (export "m\\d0\\b0in")))',
    finds: ["deceptive-name"],
  },
  {
    what: "holds a private key",
    module: data(`-----BEGIN RSA PRIVATE KEY-----\n${KEY}\n`),
    finds: ["private-key"],
  },
  {
    what: "holds a private key in JSON",
    module: data(`"-----BEGIN PRIVATE KEY-----\\n${KEY}\\n"`),
    finds: ["private-key"],
  },
  { what: "holds a key of AWS", module: data("id=AKIAQ7RT2M5XW9PLK3VB;"), finds: ["secret-token"] },
  {
    what: "holds a key of AWS in an address",
    module: data("https://files.example/get?key=AKIAQ7RT2M5XW9PLK3VB&x=1"),
    finds: ["secret-token", "urls"],
  },
  {
    what: "holds a token of GitHub",
    module: data(`ghp_${"aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"}`),
    finds: ["secret-token"],
  },
  {
    what: "pays a wallet",
    module: data("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    finds: ["wallet-address"],
  },
  {
    what: "names a hidden host",
    module: data(`http://${"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx"}.onion/`),
    finds: ["hidden-host"],
  },
  { what: "names a host by its number", module: data("http://93.184.216.34:8080/x"), finds: ["hidden-host"] },
  { what: "carries a program of Linux", module: data(ELF), finds: ["embedded-program"] },
  { what: "carries a program of Windows", module: data(PE), finds: ["embedded-program"] },
  {
    what: "carries a module",
    module: data("\0asm\x01\0\0\0\x01\x04\x01\x60\0\0"),
    finds: ["embedded-program"],
  },
  {
    what: "carries an archive",
    module: data(`PK\x03\x04\x14\0${"\0".repeat(20)}\x05\0\0\0hello`),
    finds: ["embedded-archive"],
  },
  {
    what: "carries packed or encrypted data",
    module: rawModule(customSection("blob", [...noise(64 * 1024)])),
    finds: ["dense-data", "unknown-section"],
  },
  {
    what: "carries encoded data",
    module: rawModule(customSection("blob", [...new TextEncoder().encode(noise(12_000).toBase64())])),
    finds: ["encoded-data"],
  },
  {
    what: "is made of what mining is made of",
    module: `(module (func (export "hash") (param i32) (result i32) (local $n i32)
      (loop $again ${MIX.repeat(120)}
        (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 3))) (i32.const 1000))))
      (local.get 0)))`,
    finds: ["hash-like-code"],
  },
  {
    what: "never ends",
    module: '(module (func (export "spin") (loop $l (br $l))))',
    finds: ["endless-loop", "uncounted-loops"],
  },
  {
    what: "never ends, behind a branch that leads nowhere out",
    module: `(module (func (export "spin") (param i32) (loop $l
      (block $b (br_if $b (local.get 0)) (br $l)) (br $l))))`,
    finds: ["endless-loop"],
  },
  {
    what: "calls itself by another function",
    module: '(module (func $a (export "a") (call $b)) (func $b (call $a)))',
    finds: ["recursion"],
  },
  {
    what: "imitates a module of Aegis",
    module: '(module (import "аegis:http" "open" (func)))',
    finds: ["imitates-aegis"],
  },
  {
    what: "imitates a section of Aegis",
    module: rawModule(customSection("aegis:signature", [1])),
    finds: ["imitates-aegis"],
  },
  {
    what: "imitates a function of WASI",
    module: '(module (import "wasi-snapshot-preview1" "fd-write" (func)))',
    finds: ["imitates-host"],
  },
  {
    what: "hides what an export is called",
    module: '(module (func (export "safe\\e2\\80\\aeexe")))',
    finds: ["deceptive-name"],
  },
  {
    what: "has two exports under each other's names",
    module: rawModule(
      section(1, vec([[0x60, 0, 0]])),
      section(3, vec([[0], [0]])),
      section(7, vec([[...name("add"), 0, 0], [...name("wipe"), 0, 1]])),
      section(10, vec([[2, 0, 0x0b], [2, 0, 0x0b]])),
      customSection("name", [
        1,
        ...sized(vec([[0, ...name("wipe")], [1, ...name("add")]])),
      ]),
    ),
    finds: ["lying-names"],
  },
  {
    what: "nests blocks beyond all measure",
    module: rawModule(
      section(1, vec([[0x60, 0, 0]])),
      section(3, vec([[0]])),
      section(10, vec([sized([0, ...nested(2500), 0x0b])])),
    ),
    finds: ["unusual-function"],
  },
  {
    what: "branches to ten thousand places",
    module: `(module (func (param i32) (block (br_table ${"0 ".repeat(10_001)}(local.get 0)))))`,
    finds: ["unusual-function"],
  },
  {
    what: "has its code run by being loaded",
    module: "(module (func $s) (start $s))",
    finds: ["start-function"],
  },
  { what: "shares its memory", module: "(module (memory 1 2 shared))", finds: ["shared-memory"] },
  {
    what: "replaces the targets of its calls",
    module: `(module (type $t (func)) (table (export "t") 1 1 funcref)
      (func (export "f") (call_indirect (type $t) (i32.const 0))))`,
    finds: ["replaceable-calls", "exported-table", "indirect-calls"],
  },
  {
    what: "wants more memory than it can have",
    module: "(module (memory 30000 65536))",
    finds: ["refused", "large-maximum"],
  },
  {
    what: "asks for a host that nobody has",
    module:
      '(module (import "env" "exec" (func $e (param i32))) (func (export "f") (call $e (i32.const 0))))',
    finds: ["unknown-import"],
  },
  {
    what: "imports more than it calls",
    module: '(module (import "env" "exec" (func (param i32))))',
    finds: ["unused-import"],
  },
  {
    what: "is no module that runs",
    module: "(module (func (result i32) (i64.const 1)))",
    finds: ["invalid"],
  },
];

function nested(blocks: number): number[] {
  return [...Array(blocks).fill([0x02, 0x40]).flat(), ...Array(blocks).fill(0x0b)];
}

function sized(bytes: readonly number[]): number[] {
  return [...leb(bytes.length), ...bytes];
}
