import { type FindingId, FINDINGS } from "../../src/inspection/finding_kinds.ts";
import { scanModule } from "../../src/inspection/scan.ts";
import { type Grade, GRADES } from "../../src/inspection/score.ts";
import { assert, assertEquals } from "../assert.ts";
import { exampleBytes, exampleFiles } from "../examples/example_file.ts";
import { drivenModules } from "../examples/third_party.ts";
import { readOnlyModules } from "../examples/third_party/read_only.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { HOSTILE_SAMPLES } from "./hostile_samples.ts";

for (const { what, module, finds } of HOSTILE_SAMPLES) {
  Deno.test(`a scan finds what is wrong with a module that ${what}`, () => {
    const { scan } = scanModule(typeof module === "string" ? compileText(module) : Uint8Array.from(module));
    const found = new Set(scan.findings.map(({ id }) => id));
    for (const id of finds) assert(found.has(id), `${id} is not among ${[...found].join(", ")}`);
    assertEquals(scan.score === undefined, finds.includes("invalid"));
  });
}

/** Of modules that others built and that nobody has to fear: all that is low or worse, and the grade. */
const ORDINARY: Readonly<Record<string, readonly [Grade, ...FindingId[]]>> = {
  "long": ["A"],
  "xxhash-wasm": ["A"],
  "hash-wasm adler32": ["A"],
  "hash-wasm crc32": ["A"],
  "hash-wasm crc64": ["A"],
  "hash-wasm md4": ["A", "hash-like-code"],
  "hash-wasm md5": ["A"],
  "hash-wasm ripemd160": ["A", "hash-like-code"],
  "hash-wasm sha1": ["A", "hash-like-code"],
  "hash-wasm sha256": ["A", "hash-like-code", "endless-loop"],
  "hash-wasm sha512": ["A", "hash-like-code", "endless-loop"],
  "hash-wasm sha3": ["A"],
  "hash-wasm sm3": ["A", "hash-like-code"],
  "hash-wasm whirlpool": ["A"],
  "hash-wasm blake2b": ["A", "hash-like-code"],
  "hash-wasm blake2s": ["A", "hash-like-code"],
  "hash-wasm blake3": ["A", "hash-like-code"],
  "hash-wasm xxhash32": ["A"],
  "hash-wasm xxhash64": ["A"],
  "hash-wasm xxhash3": ["A"],
  "hash-wasm xxhash128": ["A"],
  "hash-wasm bcrypt": ["A", "hash-like-code"],
  "hash-wasm scrypt": ["A", "hash-like-code"],
  "cjs-module-lexer": ["A"],
  "es-module-lexer": ["A"],
  "source-map": ["B", "unknown-import", "endless-loop"],
  "undici llhttp": ["B", "unknown-import", "replaceable-calls"],
  "undici llhttp_simd": ["B", "unknown-import", "replaceable-calls"],
  "@bokuweb/zstd-wasm": ["B", "unknown-import", "replaceable-calls"],
  "argon2-browser": ["B", "unknown-import", "replaceable-calls"],
  "argon2-browser simd": ["C", "unknown-import", "replaceable-calls", "hash-like-code"],
  "hash-wasm argon2": ["A"],
  "web-tree-sitter": ["B", "unknown-import", "replaceable-calls"],
  "yoga-layout": ["B", "unknown-import", "replaceable-calls"],
};

/** What is told of any module that was linked: it needs a memory, and grows it. */
const USUAL: ReadonlySet<FindingId> = new Set(
  [
    "memory-without-maximum",
    "table-without-maximum",
    "exported-table",
    "start-function",
    "exported-variable",
  ] as const,
);

Deno.test("a scan raises no false alarm about modules that npm packages ship", async () => {
  const modules = [...drivenModules, ...readOnlyModules].filter(({ size }) => size <= 500_000);
  assert(modules.length >= 20, `${modules.length} modules`);
  const seen: Record<string, readonly [Grade | undefined, ...FindingId[]]> = {};
  for (const { name, bytes } of modules) {
    const { scan: { score, findings } } = scanModule(Uint8Array.from(await bytes()));
    assertEquals(findings.filter(({ severity }) => severity === "high"), [], name);
    const told = new Set(
      findings.filter(({ id, severity }) => severity !== "info" && !USUAL.has(id)).map(({ id }) => id),
    );
    seen[name] = [score?.grade, ...told];
  }
  assertEquals(seen, ORDINARY);
});

Deno.test("a scan has nothing above low to say of our own examples but what they import", async () => {
  const expected: readonly FindingId[] = [
    "unknown-import",
    "deceptive-name",
    "replaceable-calls",
    "shared-memory",
  ];
  for (const file of await exampleFiles()) {
    const { scan: { score, findings } } = scanModule(Uint8Array.from(await exampleBytes(file)));
    for (const { id, severity } of findings) {
      assert(severity === "low" || severity === "info" || expected.includes(id), `${file}: ${id}`);
    }
    assert((score?.score ?? 0) >= GRADES.C, file);
  }
});

Deno.test("FINDINGS' kinds that are low or worse are all among the hostile samples, or have a sample of their own", () => {
  const found = new Set(HOSTILE_SAMPLES.flatMap(({ finds }) => finds));
  const elsewhere = [
    "memory-without-maximum",
    "table-without-maximum",
    "grows-table",
    "exported-variable",
    "large-function",
    "malformed-names",
  ];
  for (const [id, { severity }] of Object.entries(FINDINGS)) {
    if (severity !== "info") assert(found.has(id as FindingId) || elsewhere.includes(id), id); // a key of the table
  }
});
