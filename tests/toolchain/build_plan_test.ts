import { AegisError } from "../../src/core/errors.ts";
import { type BuildRequest, planBuild } from "../../src/toolchain/build_plan.ts";
import type { BuildTable } from "../../src/toolchain/build_table.ts";
import { guessOutputType } from "../../src/toolchain/output_type.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { fakeMachine } from "./fake_ports.ts";

const BOUNDS = { time: 1000, memory: 1024 };

function plan(request: Partial<BuildRequest>, files: Record<string, string>) {
  return planBuild({ path: "/p", ...BOUNDS, ...request }, fakeMachine(files).ports);
}

Deno.test("planBuild() takes a source by its ending, and puts the module beside it", () => {
  assertEquals(plan({ path: "/p/a.c" }, { "/p/a.c": "int main(void) { return 0; }" }), {
    ...BOUNDS,
    language: "c",
    type: "program",
    sources: ["/p/a.c"],
    directory: "/p",
    out: "/p/a.wasm",
    optimise: true,
    sections: [],
  });
});

Deno.test("planBuild() takes a folder with one project, and what the manifest says before that", () => {
  const files = {
    "/p/go.mod": "module p",
    "/p/main.go": "package main\n//go:wasmexport f\n",
    "/p/x.wat": "(module)",
  };
  const project = plan({}, files);
  assertEquals([project.language, project.type, project.out], ["go", "library", "/p/p.wasm"]);
  const table = { source: ["x.wat"], out: "out/x.wasm", optimise: false, signatures: ["f()"] } as const;
  const said = plan({ manifest: { path: "/p/aegis.toml", table } }, { ...files, "/p/aegis.toml": "" });
  assertEquals([said.language, said.out, said.optimise, said.sections], ["wat", "/p/out/x.wasm", false, [
    { name: "aegis:signatures", origin: "signatures", text: "f()\n" },
  ]]);
});

Deno.test("planBuild() says what is missing or too much", () => {
  const table: [request: Partial<BuildRequest>, files: Record<string, string>, reason: string][] = [
    [{ path: "/p/none.c" }, {}, "there is no such file"],
    [{}, { "/p/README.md": "" }, "it has no aegis.toml with [build]"],
    [{}, { "/p/Cargo.toml": "", "/p/go.mod": "" }, "it has Cargo.toml and go.mod"],
    [{ path: "/p/a.c", out: "/p/a.c" }, { "/p/a.c": "" }, "has to end in .wasm"],
    [
      { manifest: { path: "/p/aegis.toml", table: { source: ["a.go", "b.go"] } } },
      { "/p/aegis.toml": "", "/p/a.go": "", "/p/b.go": "" },
      "Go takes one source",
    ],
    [
      { manifest: { path: "/p/aegis.toml", table: { source: ["a.txt"] } } },
      { "/p/aegis.toml": "", "/p/a.txt": "" },
      "its ending is none of",
    ],
  ];
  for (const [request, files, reason] of table) {
    assertStringIncludes(assertThrows(() => plan(request, files), AegisError).message, reason);
  }
});

Deno.test("planBuild() follows no link out of the manifest's folder, of sources, sections and the output", () => {
  const { ports } = fakeMachine({
    "/p/aegis.toml": "",
    "/p/main.wat": "(module)",
    "/p/link": "",
    "/secret": "",
  });
  const linked = {
    ...ports,
    real: (path: string) =>
      path.startsWith("/p/link/new")
        ? undefined
        : path.startsWith("/p/link")
        ? path.replace("/p/link", "/secret")
        : ports.real(path),
  };
  const tables: BuildTable[] = [
    { source: ["link"], lang: "c" },
    { source: ["main.wat"], sections: new Map([["aegis:mcp" as const, "link"]]) },
    { source: ["main.wat"], out: "link/out.wasm" },
    { source: ["main.wat"], out: "link/new/deeper/out.wasm" },
  ];
  for (const table of tables) {
    const request = { path: "/p", ...BOUNDS, manifest: { path: "/p/aegis.toml", table } };
    assertStringIncludes(assertThrows(() => planBuild(request, linked), AegisError).message, "leads out of");
  }
});

Deno.test("guessOutputType() tells programs from libraries by their sources", () => {
  const table = [
    ["wat", '(module (func (export "_start")))', '(module (func (export "f")))'],
    ["assemblyscript", "export function _start(): void {}", "export function start(): void {}"],
    ["c", "int main(void) {\n}", "/* main() */ int f(void);\n// main()\nint f(void);"],
    ["rust", "fn main() {}", "pub fn domain() {}"],
    ["go", "package main\nfunc main() {}", "//go:wasmexport f\nfunc f() {}\nfunc main() {}"],
    ["zig", "pub fn main() void {}", "export fn f() void {}"],
  ] as const;
  for (const [language, program, library] of table) {
    assertEquals([guessOutputType(language, program), guessOutputType(language, library)], [
      "program",
      "library",
    ], language);
  }
});
