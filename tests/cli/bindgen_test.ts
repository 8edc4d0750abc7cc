import { GENERATED } from "../../src/cli/bindgen/client_heading.ts";
import { firstLine, writeFile } from "../../src/cli/write_file.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { runCommand } from "./fake_io.ts";

const PLUGIN = '(module (func (export "f") (param i32)) (func (export "v") (param v128)))';
const FILES = {
  "plugin.wat": PLUGIN,
  "dir/odd name!.WASM": compileText(PLUGIN),
  "-": compileText(PLUGIN),
  "mistyped.wasm": compileText('(module (func (export "f") (result i32) i64.const 1))'),
  "cut.wasm": compileText(PLUGIN).slice(0, 20),
  "syntax.wat": "(module (func",
};

async function bindgen(words: readonly string[], before: Readonly<Record<string, string>> = {}) {
  const written = new Map(Object.entries(before));
  const ran = await runCommand(["bindgen", ...words], { files: FILES, written });
  return { ...ran, written };
}

Deno.test("bindgen writes two files, says so, and warns of what it left out", async () => {
  const { status, out, err, written } = await bindgen(["plugin.wat"]);
  assertEquals(status, 0);
  assertEquals(out, "Wrote plugin.client.js\nWrote plugin.client.d.ts\nFunctions: 1, imports: 0\n");
  assertEquals(err, "warning: Left out export v: its type is (v128) -> (), and no v128 can cross\n");
  const [script = "", types = ""] = written.values();
  const head = `${GENERATED}"plugin.wat", sha-256 `;
  for (const text of [script, types]) assert(text.startsWith(head), text.slice(0, 100));
  assertStringIncludes(script, '\n// @ts-self-types="./plugin.client.d.ts"\n');
  assertStringIncludes(types, '} from "jsr:@aegis/core";\n');
  assertEquals((await bindgen(["plugin.wat", "--quiet"])).out, "");
});

Deno.test("bindgen names the files after the module, or as it is told", async () => {
  for (
    const [words, first] of [
      [["dir/odd name!.WASM"], "odd_name_.client.js"],
      [["-"], "module.client.js"],
      [["plugin.wat", "--out", "a/b", "--name", "greet.v2"], "a/b/greet.v2.client.js"],
    ] as const
  ) assertEquals([...(await bindgen(words)).written.keys()][0], first);
  for (const name of ["../x", "a/b", ".x", "a b", "x".repeat(101), "a\\b", "é"]) {
    const { status, err, written } = await bindgen(["plugin.wat", "--name", name]);
    assertEquals([status, written.size], [2, 0], name);
    assertStringIncludes(err, "Cannot set --name to ");
  }
});

Deno.test("bindgen gives the same text for the same module, whatever its form and folder", async () => {
  const words = ["--name", "same", "--quiet"];
  const [first, second] = [await bindgen(["plugin.wat", ...words]), await bindgen(["-", ...words])];
  const rest = (text = "") => text.replaceAll(/"(?:plugin\.wat|module)"/g, "");
  assertEquals([...first.written.values()].map(rest), [...second.written.values()].map(rest));
});

Deno.test("bindgen replaces its own files, and those of others when it is forced", async () => {
  for (const file of ["plugin.client.js", "plugin.client.d.ts"]) {
    const others = { [file]: "// mine\n" };
    const { status, err, written } = await bindgen(["plugin.wat"], others);
    assertEquals([status, Object.fromEntries(written)], [2, others], "neither file was written");
    assertStringIncludes(err, `Cannot write "${file}": it is there, and no file of bindgen's`);
    assertStringIncludes(err, "replace it with --force");
    assertEquals((await bindgen(["plugin.wat", "--force"], others)).status, 0);
    const own = await bindgen(["plugin.wat"], { [file]: `${GENERATED}"other.wasm", sha-256 0.\n` });
    assertEquals([own.status, own.written.size], [0, 2]);
  }
});

Deno.test("bindgen ends with status 65 for what is no valid module, and writes nothing", async () => {
  for (const file of ["mistyped.wasm", "cut.wasm", "syntax.wat"]) {
    const { status, out, err, written } = await bindgen([file]);
    assertEquals([status, out, written.size], [65, "", 0], file);
    assertStringIncludes(err, "error: ");
  }
  assertEquals((await bindgen(["none.wasm"])).status, 2);
  assertEquals((await bindgen([])).status, 2);
});

Deno.test("writeFile() makes folders, firstLine() reads no more than it needs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/a/b/file.js`;
    assertEquals(firstLine(path), undefined);
    writeFile(path, "one\ntwo\n");
    assertEquals(firstLine(path), "one");
    writeFile(path, "x".repeat(1000));
    assertEquals(firstLine(path), "x".repeat(200));
    writeFile(path, "");
    assertEquals(firstLine(path), "");
    const error = assertThrows(() => writeFile(`${path}/c`, ""), AegisError, "Cannot write ");
    assertEquals(error.code, "InvalidOption");
    assertThrows(() => writeFile(`${folder}/a`, ""), AegisError, "it is a directory");
    assertThrows(() => firstLine(`${folder}/a`), AegisError, "it is a directory");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
