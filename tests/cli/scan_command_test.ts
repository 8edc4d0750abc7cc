import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { checkSarif } from "../inspection/sarif_shape.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { leb, rawModule, section, vec } from "../wasm/module_builder.ts";
import { runCommand } from "./fake_io.ts";

const POOL = compileText(`(module (import "env" "send" (func $send (param i32)))
  (memory 1 1) (data (i32.const 0) "stratum+tcp://pool")
  (func (export "work") (param i32) (call $send (local.get 0))))`);

const FILES = {
  "plain.wasm": compileText('(module (func (export "add") (param i32 i32) (result i32) (local.get 0)))'),
  "pool.wasm": POOL,
  "odd name/ä%.wasm": POOL,
  "text.wat": '(module (func (export "f")))',
  "cut.wasm": POOL.slice(0, POOL.length - 3),
  "mistyped.wasm": compileText("(module (func (result i32) i64.const 1))"),
  "garbage.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99),
  "empty.wasm": new Uint8Array(),
  "page.wasm": "<html></html>",
  "component.wasm": Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0),
  // One function of more bytes than any may have: 4 MB.
  "long.wasm": rawModule(
    section(1, vec([[0x60, 0, 0]])),
    section(3, vec([[0]])),
    section(10, vec([[...leb(4_000_000), 0, ...Array(3_999_998).fill(1), 0x0b]])),
  ),
  "terminal.wasm": compileText(`(module (import "\\1b[2J" "\\0a\\1b]0;owned\\07" (func))
    (func (export "a\\e2\\80\\aeb") (loop (br 0))) (data "http://x.example/\\1b[31m"))`),
  "grade.toml": 'min_grade = "A"\n',
  "ok.toml":
    'min_grade = "A"\nmax_size = "1KiB"\nfeatures = []\n[exports]\nadd = "(i32,i32)->(i32)"\n[imports]\n',
  "strict.json": JSON.stringify({
    min_score: 90,
    max_severity: "low",
    max_size: 10,
    forbid: ["mining-pool", "unknown-import", "start-function"],
    imports: { "env.send": "(i64) -> ()" },
    exports: { "wor*": "any" },
    require_exports: ["work", "stop"],
    complexity: { functions: 0, function_size: "1B", loops: 0 },
  }),
  "misspelt.toml": 'min_grad = "A"\n',
  "inner.toml": "[complexity]\nfunktions = 1\n",
  "kind.toml": 'forbid = ["mining-pol"]\n',
  "value.toml": 'min_grade = "E"\n',
};

/** What a terminal takes for more than text, line breaks aside. */
const OBEYED =
  // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const scan = (...words: string[]) => runCommand(["scan", ...words], { files: FILES });

Deno.test("scan prints a score, findings with their places, and who reaches what", async () => {
  const { status, out, err } = await scan("pool.wasm");
  assertEquals([status, err], [0, ""]);
  for (
    const part of [
      "Module: pool.wasm\nScore: 30 of 100, grade F\n",
      "HIGH (1)\n  It reads as if it spoke to a mining pool (a guess) [mining-pool]\n",
      '    It holds the address of a mining pool, or what is said to one: "stratum+tcp".\n    at offset 0x',
      'Functions that reach "send", from the export "work": ',
      "host functions (1 of 1 imports reached): ",
    ]
  ) assertStringIncludes(out, part);
});

Deno.test("scan leaves out what is only worth knowing where it is to be quiet", async () => {
  const { out } = await scan("pool.wasm", "--quiet");
  assert(!out.includes("INFO") && !out.includes("Needs"));
});

Deno.test("scan reads text, and stays below the width of a terminal", async () => {
  assertStringIncludes((await scan("text.wat")).out, "Score: 100 of 100, grade A\n");
  for (const line of (await scan("pool.wasm")).out.split("\n")) assert(line.length <= 100, line);
});

Deno.test("scan prints nothing of a module that a terminal would obey", async () => {
  for (const format of ["human", "json", "json-compact", "sarif"]) {
    const { out } = await scan("terminal.wasm", "--format", format);
    assertEquals(OBEYED.test(out), false, format);
  }
});

Deno.test("scan gives an invalid module no score and no grade, and says why", async () => {
  for (const file of ["cut.wasm", "mistyped.wasm", "garbage.wasm"]) {
    const { status, out, err } = await scan(file, "--json");
    assertEquals([status, err], [65, ""]);
    const { valid, score, grade, findings } = JSON.parse(out);
    assertEquals([valid, score, grade], [false, null, null]);
    assertEquals(findings.map(({ id }: { id: string }) => id), ["invalid"], file);
    const human = await scan(file);
    assertStringIncludes(human.out, "Score: none, the module is invalid\n");
    assertStringIncludes(human.err, "error: Module is invalid: ");
    // Whatever a check file says, the module does not pass.
    assertEquals((await scan(file, "--policy", "grade.toml")).status, 65);
    assertEquals(
      JSON.parse((await scan(file, "-f", "json", "--policy", "grade.toml")).out).passed,
      undefined,
    );
  }
});

Deno.test("scan --json tells places, needs and the way to each import", async () => {
  const { out } = await scan("pool.wasm", "--json"), document = JSON.parse(out);
  assertEquals(out, (await scan("pool.wasm", "--format", "json")).out);
  const [pool] = document.findings;
  assertEquals([pool.id, pool.severity, pool.heuristic], ["mining-pool", "high", true]);
  assertEquals(POOL[pool.location.offset], "s".charCodeAt(0));
  assertEquals(document.counts.high, 1);
  const [need] = document.needs;
  assertEquals([need.capability, need.reached_from], ["host functions", 'the export "work"']);
  assertEquals(need.imports, [{
    module: "env",
    name: "send",
    function: 0,
    offset: need.imports[0].offset,
    calls: 1,
    reached: true,
    chain: [1, 0],
    omitted: 0,
  }]);
});

Deno.test("scan --format sarif prints a document of SARIF 2.1.0, of a valid module and of an invalid one", async () => {
  for (
    const file of ["plain.wasm", "pool.wasm", "odd name/ä%.wasm", "terminal.wasm", "cut.wasm", "garbage.wasm"]
  ) {
    const { status, out } = await scan(file, "--format", "sarif");
    assertEquals(status, file === "cut.wasm" || file === "garbage.wasm" ? 65 : 0);
    checkSarif(JSON.parse(out));
  }
  const [run] =
    checkSarif(JSON.parse((await scan("pool.wasm", "-f", "sarif", "--policy", "strict.json")).out)).runs;
  const ids = run?.results.map(({ ruleId }) => ruleId) ?? [];
  assert(ids.includes("mining-pool") && ids.includes("check-file"));
  const offset = run?.results[0]?.locations[0]?.physicalLocation.region?.byteOffset ?? -1;
  assertEquals(POOL[offset], "s".charCodeAt(0));
});

Deno.test("scan --format sarif prints a result, too, of what cannot be read as a module at all", async () => {
  for (
    const [file, rule] of [
      ["empty.wasm", "invalid"],
      ["page.wasm", "invalid"],
      ["component.wasm", "refused"],
      [
        "long.wasm",
        "refused",
      ],
    ] as const
  ) {
    const { status, out, err } = await scan(file, "--format", "sarif");
    assertEquals(status, 65, file);
    assertStringIncludes(err, "error: ");
    const [run] = checkSarif(JSON.parse(out)).runs;
    assertEquals(run?.results.map(({ ruleId }) => ruleId), [rule], file);
  }
  // What says nothing about a module has no report.
  assertEquals((await scan("absent.wasm", "--format", "sarif")).out, "");
});

Deno.test("scan --format sarif names a file by a URI, whatever its path begins with", async () => {
  for (
    const [path, uri] of [
      ["/tmp/ä a.wasm", "file:///tmp/%C3%A4%20a.wasm"],
      ["//tmp/a.wasm", "file:///tmp/a.wasm"],
      ["../a.wasm", "../a.wasm"],
      ["C:\\a.wasm", "file:///C%3A/a.wasm"],
      ["x:y.wasm", "x%3Ay.wasm"],
    ] as const
  ) {
    const { out } = await runCommand(["scan", path, "--format", "sarif"], { files: { [path]: POOL } });
    assertEquals(JSON.parse(out).runs[0].artifacts[0].location.uri, uri);
  }
});

Deno.test("scan --policy passes a module that meets the file, and fails another with status 1", async () => {
  const good = await scan("plain.wasm", "--policy", "ok.toml");
  assertEquals([good.status, good.err], [0, ""]);
  assertStringIncludes(good.out, "\nThe check file is met\n");
  const bad = await scan("pool.wasm", "--policy", "strict.json", "--json"),
    { passed, violations } = JSON.parse(bad.out);
  assertEquals([bad.status, passed], [1, false]);
  assertEquals(violations.map(({ rule }: { rule: string }) => rule), [
    "min_score",
    "max_severity",
    "max_severity",
    "forbid",
    "forbid",
    "max_size",
    "imports",
    "require_exports",
    "complexity.functions",
    "complexity.function_size",
  ]);
  assertStringIncludes(
    (await scan("pool.wasm", "--policy", "strict.json")).out,
    '  imports: "env.send" is (i32) -> (), and has to be (i64) -> ()\n',
  );
  assertEquals((await scan("pool.wasm", "--policy", "grade.toml")).status, 1);
});

Deno.test("scan --policy takes a beginning that ends in a dot for a module, and for no other one", async () => {
  const statusOf = async (allowed: string) => {
    const files = {
      "a.wasm": compileText('(module (import "env" "x.y" (func)) (import "env.other" "y" (func)))'),
      "p.toml": `[imports]\n${allowed}\n`,
    };
    return (await runCommand(["scan", "a.wasm", "--policy", "p.toml"], { files })).status;
  };
  assertEquals(await statusOf('"env.*" = "any"'), 1);
  assertEquals(await statusOf('"env.*" = "any"\n"env.other.*" = "any"'), 0);
  assertEquals(await statusOf('"env.x.*" = "any"\n"env.other.y" = "any"'), 0);
  assertEquals(await statusOf('"env*" = "any"'), 0);
});

Deno.test("scan --policy refuses keys and values that nobody knows, with what was meant", async () => {
  for (
    const [file, ...parts] of [
      ["misspelt.toml", 'unknown key "min_grad"', 'Did you mean "min_grade"'],
      ["inner.toml", 'unknown key "complexity.funktions"', 'Did you mean "functions"'],
      ["kind.toml", '"mining-pol"', 'Did you mean "mining-pool"?'],
      ["value.toml", 'Cannot set min_grade of "value.toml" to "E"', "use one of A, B, C, D, F"],
    ] as const
  ) {
    const { status, out, err } = await scan("pool.wasm", "--policy", file);
    assertEquals([status, out], [2, ""], file);
    for (const part of parts) assertStringIncludes(err, part);
  }
});

Deno.test("scan refuses --json beside another format", async () => {
  const { status, err } = await scan("pool.wasm", "--json", "--format", "sarif");
  assertEquals(status, 2);
  assertStringIncludes(err, "Cannot print JSON and sarif");
});

const ASKING = compileText(`(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "env" "odd\\0a[modules.x]" (func $odd))
  (memory 1 1)
  (func (export "run\\0aallow_env = true") (call $odd)
    (drop (call $random (i32.const 0) (i32.const 0)))
    (drop (call $unlink (i32.const 0) (i32.const 0) (i32.const 0)))))`);

Deno.test("scan --suggest-policy grants what is reached, and leaves to the person what is theirs to choose", async () => {
  const files = { 'odd \u0007"name.wasm': ASKING };
  const { status, out } = await runCommand(["scan", Object.keys(files)[0] ?? "", "--suggest-policy"], {
    files,
  });
  assertEquals(status, 0);
  // What is no comment; nothing that the module calls its items may become a line.
  assertEquals(out.split("\n").filter((line) => line !== "" && !line.startsWith("#")), [
    "[modules.odd_name]",
    'path = "odd \\u0007\\"name.wasm"',
    "[modules.odd_name.capabilities]",
    "allow_random = true",
  ]);
  assertStringIncludes(out, 'allow_read = ["DIRECTORY"]    <- name the directories');
  assertStringIncludes(out, '# clock: nothing reaches "clock_time_get", so nothing is granted\n');
  const world = { files: { ...files, "aegis.toml": out } };
  assertEquals((await runCommand(["config", "check", "aegis.toml"], world)).status, 0);
});

Deno.test("scan --suggest-policy prints nothing for what is no module: it may go into a file", async () => {
  for (const name of ["mistyped.wasm", "garbage.wasm", "cut.wasm"]) {
    const { status, out, err } = await scan(name, "--suggest-policy");
    assertEquals([status, out], [65, ""], name);
    assertStringIncludes(err, "error: ", name);
  }
});

Deno.test("scan --suggest-policy writes lines that a manifest takes once they are filled in", async () => {
  const { out } = await runCommand(["scan", "all.wasm", "--suggest-policy"], {
    files: {
      "all.wasm": compileText(`(module
        (import "wasi_snapshot_preview1" "environ_get" (func $e (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_unlink_file" (func $p (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $c (param i32 i64 i32) (result i32)))
        (import "env" "read_sensor" (func $s (param i32) (result i32)))
        (import "env" "send_alert" (func $a (param i32 i32 i32)))
        (import "aegis:log" "log" (func $l (param i32 i32 i32)))
        (import "aegis:http" "close" (func $h (param i32) (result i32)))
        (export "e" (func $e)) (export "p" (func $p)) (export "c" (func $c)) (export "s" (func $s))
        (export "a" (func $a)) (export "l" (func $l)) (export "h" (func $h)))`),
    },
  });
  const filled = out.replace(/^# (\w+ = .*?) {4}<- .*$/gm, "$1");
  for (
    const key of [
      "allow_env",
      "allow_read",
      "allow_clock",
      "sensor",
      "allow_alert",
      "allow_logging",
      "allow_net",
    ]
  ) {
    assert(new RegExp(`^${key} = `, "m").test(filled), key);
  }
  const { status, out: said, err: wrong } = await runCommand(["config", "check", "aegis.toml"], {
    files: { "aegis.toml": filled, "all.wasm": ASKING },
  });
  assertEquals(status, 0, `${said}${wrong}\n${filled}`);
});
