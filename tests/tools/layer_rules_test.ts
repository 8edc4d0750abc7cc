import { hasEmptyName, layerViolations, resolveImport } from "../../tools/layer_rules.ts";
import { assertEquals } from "../assert.ts";
import { readSourceFacts } from "../source_facts.ts";

/** The rules that a file with this source breaks, without the path before each. */
function broken(path: string, source: string): string[] {
  return layerViolations(readSourceFacts(path, source)).map((line) => line.slice(path.length + 2));
}

Deno.test("layerViolations() finds nothing in a file that imports downwards", () => {
  assertEquals(
    broken(
      "src/analysis/cost.ts",
      `import type { Module } from "../wasm/module.ts";
       import { regions } from "./region.ts";
       export { AegisError } from "../core/errors.ts";
       const s = "import x from '../sandbox/aegis.ts'"; // import "../cli/main.ts"
       /** @example import { Aegis } from "../sandbox/aegis.ts"; Deno.exit() */
       export const total = (m: Module) => regions(m).length + s.length;`,
    ),
    [],
  );
});

Deno.test("layerViolations() finds an import of a higher layer or of a sibling, in every form", () => {
  const rule = 'imports "src/sandbox/aegis.ts" from analysis';
  for (
    const source of [
      `import { Aegis } from "../sandbox/aegis.ts";`,
      `import type { Aegis } from "../sandbox/aegis.ts";`,
      `import "../sandbox/aegis.ts";`,
      `import "../../src/sandbox/../sandbox/aegis.ts";`,
      `export { Aegis } from "../sandbox/aegis.ts";`,
      `export type { Aegis } from "../sandbox/aegis.ts";`,
      `const load = () => import("../sandbox/aegis.ts");`,
      `export type A = import("../sandbox/aegis.ts").Aegis;`,
      `import aegis = require("../sandbox/aegis.ts");`,
    ]
  ) {
    assertEquals(broken("src/analysis/cost.ts", source), [rule], source);
  }
  assertEquals(broken("src/wasm/reader.ts", `import "../protocol/layout.ts";`), [
    'imports "src/protocol/layout.ts" from wasm',
  ]);
});

Deno.test("layerViolations() lets the sandbox import types of the guest, and nothing that runs", () => {
  for (
    const source of [
      `import type { Message } from "../guest/messages.ts";`,
      `export type { Message } from "../guest/messages.ts";`,
      `export type M = import("../guest/messages.ts").Message;`,
    ]
  ) {
    assertEquals(broken("src/sandbox/aegis.ts", source), [], source);
  }
  for (
    const source of [
      `import { type Message, KINDS } from "../guest/messages.ts";`,
      `import { type Message } from "../guest/messages.ts";`,
      `import "../guest/messages.ts";`,
      `export { KINDS } from "../guest/messages.ts";`,
      `const load = () => import("../guest/messages.ts");`,
    ]
  ) {
    assertEquals(
      broken("src/sandbox/aegis.ts", source),
      ['imports more than types of "src/guest/messages.ts" from sandbox'],
      source,
    );
  }
});

Deno.test("layerViolations() finds imports that leave the folders of src/", () => {
  for (const target of ["mod.ts", "tests/assert.ts"]) {
    assertEquals(broken("src/core/units.ts", `import "../../${target}";`), [
      `imports "${target}", which is outside of the folders of src/`,
    ]);
  }
});

Deno.test("layerViolations() finds packages, and admits those of the table and of its exceptions", () => {
  assertEquals(broken("src/sandbox/paths.ts", `import "@std/path/posix";`), []);
  assertEquals(broken("src/sandbox/paths.ts", `import "watr";`), ['imports the package "watr"']);
  assertEquals(broken("src/sandbox/wat.ts", `import "watr";`), []);
  assertEquals(broken("src/core/units.ts", `import "@std/path/posix";`), [
    'imports the package "@std/path/posix"',
  ]);
  assertEquals(broken("src/cli/run.ts", `import "@std/path/posix"; import "node:util";`), []);
  for (const name of ["@std/pathology", "npm:x", "node:fs", "https://example.com/x.ts", "/x.ts"]) {
    assertEquals(broken("src/sandbox/x.ts", `import "${name}";`), [`imports the package "${name}"`]);
  }
});

Deno.test("layerViolations() finds Deno by any spelling where it has no place", () => {
  for (
    const source of [
      `Deno.cwd();`,
      `globalThis.Deno;`,
      `globalThis["Deno"];`,
      `const { Deno: d } = globalThis as never;`,
      `const name = "Deno";`,
    ]
  ) {
    for (const folder of ["core", "wasm", "protocol", "analysis", "instrument", "wasi", "interp", "guest"]) {
      assertEquals(broken(`src/${folder}/x.ts`, source), ['names "Deno"'], `${folder}: ${source}`);
    }
    assertEquals(broken("src/sandbox/x.ts", source), []);
  }
});

Deno.test("layerViolations() finds what cannot be followed or runs later", () => {
  assertEquals(broken("src/sandbox/x.ts", `const load = (name: string) => import(name);`), [
    "has an import() of something computed",
  ]);
  assertEquals(broken("src/sandbox/x.ts", "const load = () => import(`./y.ts`);"), [
    "has an import() of something computed",
  ]);
  assertEquals(broken("src/core/x.ts", `export * from "./errors.ts";`), ['has an "export *"']);
  for (
    const source of [
      `async function f() {}`,
      `const f = async () => {};`,
      `class C { async f() {} }`,
      `await 1;`,
    ]
  ) {
    assertEquals(broken("src/wasi/x.ts", source), ["is asynchronous"], source);
    assertEquals(broken("src/sandbox/x.ts", source), [], source);
  }
  assertEquals(broken("src/core/x.ts", `setTimeout(() => {}, 1);`), ['names "setTimeout"']);
});

Deno.test("layerViolations() lets only the folders of the table import generated text", () => {
  assertEquals(broken("src/sandbox/back_end.ts", `import { TEXT } from "./guest_worker.gen.ts";`), []);
  assertEquals(broken("src/cli/run.ts", `import { TEXT } from "../sandbox/guest_worker.gen.ts";`), [
    'imports the generated "src/sandbox/guest_worker.gen.ts", which only sandbox and server and toolchain may',
  ]);
});

Deno.test("layerViolations() refuses a folder that is not in the table, and files beside the folders", () => {
  for (const path of ["src/shared/x.ts", "src/x.ts"]) {
    assertEquals(broken(path, ""), ["is in no folder of the layer table"]);
  }
});

Deno.test("resolveImport() follows dots and keeps what leaves the root", () => {
  assertEquals(resolveImport("src/a/b.ts", "./c.ts"), "src/a/c.ts");
  assertEquals(resolveImport("src/a/b.ts", "../c/./d.ts"), "src/c/d.ts");
  assertEquals(resolveImport("src/a/b.ts", "../../../x.ts"), "../x.ts");
});

Deno.test("hasEmptyName() knows the names that say nothing, as file, folder and test", () => {
  for (const path of ["src/core/utils.ts", "src/helpers/a.ts", "tests/common_test.ts", "src/misc.gen.ts"]) {
    assertEquals(hasEmptyName(path), true, path);
  }
  for (const path of ["src/core/units.ts", "src/cli/commons.ts", "tests/helper_rules.ts"]) {
    assertEquals(hasEmptyName(path), false, path);
  }
});
