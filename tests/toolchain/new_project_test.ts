import { AegisError } from "../../src/core/errors.ts";
import { readBuildTable } from "../../src/toolchain/build_table.ts";
import { LANGUAGE_NAMES } from "../../src/toolchain/languages.ts";
import { checkProjectName, makeProject, projectFiles } from "../../src/toolchain/new_project.ts";
import { TEMPLATE_KINDS, type TemplateKindName } from "../../src/toolchain/template_kinds.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { decodeDocument } from "../../src/manifest/document.ts";
import { fakeMachine } from "./fake_ports.ts";

const KINDS = Object.keys(TEMPLATE_KINDS) as TemplateKindName[]; // a literal's keys are those of its type

Deno.test("projectFiles(): every template has what a project needs, filled in, and names files that are there", async () => {
  for (const kind of KINDS) {
    for (const language of LANGUAGE_NAMES) {
      const files = projectFiles({ kind, language, name: "my-thing" }), what = `${kind} ${language}`;
      for (const name of ["README.md", "aegis.toml", "test.sh", ".gitignore"]) {
        assert(files.has(name), `${what}: ${name}`);
      }
      const all = [...files.values()].join("\n");
      assert(!/\{\{(?:name|lang|title|source|get)/.test(all), `${what}: all is filled in`);
      assertStringIncludes(all, "my-thing");
      const text = new TextEncoder().encode(files.get("aegis.toml"));
      const table = readBuildTable((await decodeDocument(text, "aegis.toml")).table["build"], "aegis.toml");
      assertEquals([table.lang, table.type, table.out], [
        language,
        TEMPLATE_KINDS[kind].types[language],
        "my-thing.wasm",
      ]);
      for (const path of [...table.source ?? [], ...table.sections?.values() ?? []]) {
        assert(files.has(path), `${what}: ${path}`);
      }
    }
  }
});

Deno.test("the header for C in templates is the one of the examples", async () => {
  const here = projectFiles({ kind: "plugin", language: "c", name: "a" }).get("aegis.h");
  assertEquals(here, await Deno.readTextFile(new URL("../../examples/guest/aegis.h", import.meta.url)));
});

Deno.test("makeProject() writes into a new folder, or an empty one, and replaces nothing", () => {
  const project = { kind: "plugin", language: "wat", name: "a" } as const, { files, ports } = fakeMachine({});
  const paths = makeProject(project, "/here/a", ports);
  assertEquals([...files.keys()].sort(), paths.map((path) => `/here/a/${path}`));
  const error = assertThrows(() => makeProject(project, "/here/a", ports), AegisError);
  assertEquals([error.code, error.message], [
    "InvalidOption",
    'Cannot make "/here/a": it is there, and not empty',
  ]);
});

Deno.test("checkProjectName() takes what is a name everywhere, and nothing that leads elsewhere", () => {
  for (const name of ["a", "my-tool", "x2-y3"]) checkProjectName(name);
  for (
    const name of [
      "",
      "..",
      "../a",
      "a/b",
      "A",
      "a_b",
      "-a",
      "a-",
      "a--b",
      "1a",
      "a b",
      "nul",
      "con",
      "test",
      "a\n",
      "x".repeat(65),
    ]
  ) {
    const error = assertThrows(() => checkProjectName(name), AegisError, undefined, name);
    assertStringIncludes(error.message, "Cannot make a project named");
  }
});
