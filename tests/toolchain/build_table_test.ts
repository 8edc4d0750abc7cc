import { AegisError } from "../../src/core/errors.ts";
import { BUILD_KEYS, readBuildTable, staysInside } from "../../src/toolchain/build_table.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

Deno.test("readBuildTable() reads every key", () => {
  const table = {
    lang: "c",
    source: ["a.c", "src/b.c"],
    out: "out/a.wasm",
    type: "library",
    optimise: false,
    signatures: "greet(string) -> string",
    sections: { "aegis:mcp": "mcp.json" },
  };
  assertEquals(Object.keys(table).sort(), [...BUILD_KEYS].sort());
  assertEquals(readBuildTable(table, "aegis.toml"), {
    ...table,
    signatures: ["greet(string) -> string"],
    sections: new Map([["aegis:mcp", "mcp.json"]]),
  } as ReturnType<typeof readBuildTable>); // literals are of the types that it reads
});

Deno.test("readBuildTable() refuses what it does not know, and paths that lead out of the folder", () => {
  const table: [table: unknown, reason: string][] = [
    [[], "it must be a table"],
    [{ sources: "a.c" }, 'unknown key "sources"'],
    [{ __proto__: null, lang: "ada" }, '"lang" "ada": use one of wat, assemblyscript, c, rust, go, zig'],
    [{ type: "plugin" }, "use one of program, library"],
    [{ optimise: "yes" }, "use true or false"],
    [{ source: [] }, "a list of texts"],
    [{ source: "/etc/passwd" }, "a path in the manifest's folder"],
    [{ source: ["a.c", "../b.c"] }, "a path in the manifest's folder"],
    [{ source: "C:\\x.c" }, "a path in the manifest's folder"],
    [{ out: "../../.bashrc" }, "a path in the manifest's folder"],
    [{ sections: { "aegis:mcp": "../secret.json" } }, "a path in the manifest's folder"],
    [{ sections: { name: "n.txt" } }, "sections are aegis:signatures, aegis:mcp, aegis:plugin"],
    [{ signatures: ["f()"], sections: { "aegis:signatures": "s.txt" } }, "use one"],
  ];
  for (const [value, reason] of table) {
    const error = assertThrows(() => readBuildTable(value, "aegis.toml"), AegisError);
    assertEquals(error.code, "InvalidOption");
    assertStringIncludes(error.message, reason);
  }
});

Deno.test("staysInside() knows every way out that words tell", () => {
  for (const path of ["a.c", "src/a.c", "..a/b", "a..b"]) assertEquals(staysInside(path), true, path);
  for (const path of ["..", "../a", "a/../../b", "a\\..\\b", "/a", "\\a", "c:a", "a\0b"]) {
    assertEquals(staysInside(path), false, path);
  }
});
