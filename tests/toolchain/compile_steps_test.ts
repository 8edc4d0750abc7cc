import { COMPILE_STEPS, type CompileInput } from "../../src/toolchain/compile_steps.ts";
import { ASSEMBLYSCRIPT_LOCK_TEXT } from "../../src/toolchain/assemblyscript_lock.ts";
import { ASSEMBLYSCRIPT } from "../../src/toolchain/compile_steps.ts";
import { assert, assertEquals } from "../assert.ts";

const INPUT: CompileInput = {
  type: "library",
  sources: ["/project/-main.x"],
  directory: "/project",
  optimise: true,
  scratch: "/scratch",
  memory: 512 * 1024 * 1024,
  tool: "go",
  targets: ["wasm32-unknown-unknown", "wasm32-wasip1"],
};

Deno.test("COMPILE_STEPS: no source is taken for a flag, and what is made lies in the folder of the build", () => {
  for (const [language, step] of Object.entries(COMPILE_STEPS)) {
    for (const type of ["program", "library"] as const) {
      for (const optimise of [true, false]) {
        const { args, product } = step({ ...INPUT, type, optimise });
        assert(!args.some((arg) => arg.startsWith("-main")), `${language}: ${args.join(" ")}`);
        assert(args.some((arg) => /^(?:\/project|\.)\/-main\.x$/.test(arg)), language);
        assert(product.startsWith("/scratch/"), language);
      }
    }
  }
});

Deno.test("COMPILE_STEPS.assemblyscript: the compiler may read its folder, write what it makes, and reach nothing", () => {
  const { args, environment, boundsItself } = COMPILE_STEPS.assemblyscript({
    ...INPUT,
    sources: ["/project/src/main.ts"],
  });
  assertEquals(args.filter((arg) => arg.startsWith("--allow")), [
    "--allow-read=/project,/scratch",
    "--allow-write=/scratch",
    "--allow-env=CI,COLORTERM,FORCE_COLOR,NO_COLOR,TERM",
  ]);
  for (
    const flag of [
      "--no-prompt",
      "--no-config",
      "--no-remote",
      "--cached-only",
      "--frozen",
      "--lock=/scratch/assemblyscript.lock",
    ]
  ) {
    assert(args.includes(flag), flag);
  }
  assert(
    args.includes("--v8-flags=--max-old-space-size=512,--wasm-max-mem-pages=8192"),
    "its memory is bounded",
  );
  assertEquals(args[args.indexOf(ASSEMBLYSCRIPT) + 1], "./src/main.ts");
  assertEquals([environment, boundsItself], [{ NO_COLOR: "1" }, true]);
});

Deno.test("the lock of AssemblyScript's compiler is of the version that is run, with a hash for each package", () => {
  const lock = JSON.parse(ASSEMBLYSCRIPT_LOCK_TEXT) as {
    specifiers: Record<string, string>;
    npm: Record<string, { integrity: string; dependencies?: string[] }>;
  };
  assertEquals(Object.keys(lock.specifiers), [ASSEMBLYSCRIPT.replace("/asc", "")]);
  for (const { integrity, dependencies = [] } of Object.values(lock.npm)) {
    assert(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity));
    for (const name of dependencies) {
      assert(Object.keys(lock.npm).some((key) => key.startsWith(`${name}@`)), name);
    }
  }
});

Deno.test("COMPILE_STEPS.c: programs have a libc, libraries none", () => {
  const target = (type: "program" | "library") =>
    COMPILE_STEPS.c({ ...INPUT, type }).args.filter((arg) => /target|nostdlib|no-entry/.test(arg));
  assertEquals(target("program"), ["--target=wasm32-wasi"]);
  assertEquals(target("library"), ["--target=wasm32", "-nostdlib", "-Wl,--no-entry"]);
});

Deno.test("COMPILE_STEPS.rust: the best target that is there; Cargo for a project", () => {
  const target = (type: "program" | "library", targets: string[]) =>
    COMPILE_STEPS.rust({ ...INPUT, type, targets }).args.find((arg) => arg.startsWith("--target="));
  assertEquals(target("library", ["wasm32-wasip1"]), "--target=wasm32-wasip1");
  assertEquals(
    target("library", ["wasm32-wasip1", "wasm32-unknown-unknown"]),
    "--target=wasm32-unknown-unknown",
  );
  assertEquals(target("program", ["wasm32-wasi"]), "--target=wasm32-wasi");
  const { program, args, product, inProject } = COMPILE_STEPS.rust({
    ...INPUT,
    sources: ["/project/Cargo.toml"],
  });
  assertEquals([program, product, inProject], [
    "cargo",
    "/scratch/target/wasm32-unknown-unknown/release",
    true,
  ]);
  assert(args.includes("--manifest-path=/project/Cargo.toml") && args.includes("--release"));
  assert(args.includes("--target-dir=/scratch/target"), "nothing is written into the project");
});

Deno.test("COMPILE_STEPS.go: reactors for libraries, no toolchain that a source names, TinyGo in its own words", () => {
  const library = COMPILE_STEPS.go(INPUT), program = COMPILE_STEPS.go({ ...INPUT, type: "program" });
  assert(library.args.includes("-buildmode=c-shared") && !program.args.includes("-buildmode=c-shared"));
  assertEquals(library.environment, {
    GOOS: "wasip1",
    GOARCH: "wasm",
    CGO_ENABLED: "0",
    GOTOOLCHAIN: "local",
  });
  assert(COMPILE_STEPS.go({ ...INPUT, tool: "tinygo" }).args.includes("-target=wasip1"));
  const project = COMPILE_STEPS.go({ ...INPUT, sources: ["/project/go.mod"] });
  assertEquals([project.args.at(-1), project.inProject], [".", true]);
});

Deno.test("COMPILE_STEPS.zig: programs for WASI, libraries without an entry", () => {
  const { args } = COMPILE_STEPS.zig(INPUT);
  assert(
    args.includes("wasm32-freestanding") && args.includes("-fno-entry") && args.includes("ReleaseSmall"),
  );
  assert(COMPILE_STEPS.zig({ ...INPUT, type: "program", optimise: false }).args.includes("wasm32-wasi"));
});
