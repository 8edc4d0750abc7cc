import { AegisError, ModuleInvalidError } from "../../src/core/errors.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { buildModule } from "../../src/toolchain/build_module.ts";
import { type BuildPlan } from "../../src/toolchain/build_plan.ts";
import { CompileError } from "../../src/toolchain/compile_error.ts";
import { toolEnvironment } from "../../src/toolchain/find_tool.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { fakeMachine, type FakeProgram } from "./fake_ports.ts";

const MODULE = compileText('(module (func (export "f")))');

const PLAN: BuildPlan = {
  language: "c",
  type: "library",
  sources: ["/p/a.c"],
  directory: "/p",
  out: "/p/a.wasm",
  optimise: true,
  sections: [],
  time: 1000,
  memory: 1024 * 1024,
};

/** A clang that has its linker, and does this with the source. */
function clang(compile: FakeProgram): FakeProgram {
  return (command, files) => {
    if (command.args.includes("--version")) return { out: "clang version 99\nmore" };
    if (command.args.some((arg) => arg.startsWith("-print-prog-name"))) return { out: "/bin/wasm-ld" };
    return compile(command, files);
  };
}

const works: FakeProgram = ({ args }, files) => {
  files.set(args[args.indexOf("-o") + 1] ?? "", MODULE);
  return { err: "a.c:1: warning: \x1b]0;owned\x07" };
};

Deno.test("buildModule() compiles with bounds, in a folder of its own, with few variables, and checks what came", async () => {
  const variables = { PATH: "/bin", HOME: "/home/me", AWS_SECRET_ACCESS_KEY: "secret", LD_PRELOAD: "x.so" };
  const { files, started, ports } = fakeMachine({ "/p/a.c": "" }, { clang: clang(works) }, variables);
  const built = await buildModule(PLAN, ports);
  assertEquals(built, { out: "/p/a.wasm", size: MODULE.length, by: "clang version 99", said: built.said });
  assertEquals(files.get("/p/a.wasm"), MODULE);
  assertEquals([...files.keys()].sort(), ["/p/a.c", "/p/a.wasm"], "nothing is left behind");
  const last = started.at(-1);
  assertEquals([last?.directory, last?.time, last?.memory], ["/scratch/1", 1000, 1024 * 1024]);
  assertEquals(last?.environment, {
    PATH: "/bin",
    HOME: "/home/me",
    TMPDIR: "/scratch/1",
    TMP: "/scratch/1",
    TEMP: "/scratch/1",
    LC_ALL: "C.UTF-8",
  });
});

Deno.test("toolEnvironment() tells the Deno that fetches AssemblyScript's compiler whom to trust", () => {
  const variables = {
    DENO_CERT: "/ca/1.pem",
    DENO_TLS_CA_STORE: "system",
    SSL_CERT_FILE: "/ca/2.pem",
    SSL_CERT_DIR: "/ca",
    NODE_EXTRA_CA_CERTS: "/ca/3.pem",
  };
  const { ports } = fakeMachine({}, {}, {
    ...variables,
    NODE_OPTIONS: "--inspect",
    DENO_AUTH_TOKENS: "secret",
  });
  assertEquals(toolEnvironment("assemblyscript", ports), variables);
});

Deno.test("buildModule() leaves the old module when anything fails, and removes its folder", async () => {
  const table: [compile: FakeProgram, error: typeof AegisError | typeof CompileError, reason: string][] = [
    [() => ({ status: 1, err: "a.c:1: error" }), CompileError, "clang ended with status 1"],
    [() => ({ status: 137, overdue: true }), AegisError, "was stopped after"],
    [() => ({ status: 137, interrupted: true }), AegisError, "it was ended"],
    [
      ({ args }, files) => {
        files.set(args[args.indexOf("-o") + 1] ?? "", MODULE.slice(0, -1));
        return {};
      },
      ModuleInvalidError as unknown as typeof AegisError,
      "at offset",
    ], // a class of errors with other arguments
  ];
  for (const [compile, type, reason] of table) {
    const { files, ports } = fakeMachine({ "/p/a.c": "", "/p/a.wasm": MODULE }, { clang: clang(compile) });
    const error = await assertRejects(() => buildModule(PLAN, ports), type);
    assertStringIncludes(error.message, reason);
    assertEquals(files.get("/p/a.wasm"), MODULE);
    assertEquals([...files.keys()].filter((path) => path.startsWith("/scratch")), []);
  }
});

Deno.test("buildModule() says how a compiler is had, when it or a part of it is missing", async () => {
  const absent = await assertRejects(
    () => buildModule(PLAN, fakeMachine({ "/p/a.c": "" }).ports),
    AegisError,
  );
  assertEquals([absent.code, absent.message], [
    "UnsupportedPlatform",
    "Cannot build C: there is no clang or zig on the PATH",
  ]);
  assertStringIncludes(absent.suggestion ?? "", "apt install clang lld wasi-libc");
  const bare: FakeProgram = ({ args }) => ({
    out: args.includes("--version") ? "clang 1" : args.at(-1)?.split("=")[1] ?? "",
  });
  const linker = await assertRejects(
    () => buildModule(PLAN, fakeMachine({ "/p/a.c": "" }, { clang: bare }).ports),
    AegisError,
  );
  assertStringIncludes(linker.message, "clang is there, its linker wasm-ld is not");
  const libc = await assertRejects(
    () =>
      buildModule({ ...PLAN, type: "program" }, fakeMachine({ "/p/a.c": "" }, { clang: clang(bare) }).ports),
    AegisError,
  );
  assertStringIncludes(libc.message, "wasi-libc, which programs need, is not");
  const rustc: FakeProgram = ({ args }) => ({ out: args.includes("sysroot") ? "/rust" : "rustc 1" });
  const target = await assertRejects(
    () => buildModule({ ...PLAN, language: "rust" }, fakeMachine({ "/p/a.c": "" }, { rustc }).ports),
    AegisError,
  );
  assertStringIncludes(target.message, "its target wasm32-unknown-unknown is not");
  assertStringIncludes(target.suggestion ?? "", "rustup target add");
});

Deno.test("buildModule() takes Zig's own C compiler, or Zig of Python, where the first choice is missing", async () => {
  const zig: FakeProgram = (command, files) => {
    if (command.args.includes("--version")) return { out: "clang version 20" };
    assertEquals(command.args[0], "cc");
    return works(command, files);
  };
  assertEquals(
    (await buildModule(PLAN, fakeMachine({ "/p/a.c": "" }, { zig }).ports)).by,
    "zig cc clang version 20",
  );
  const python3: FakeProgram = ({ args }, files) => {
    assertEquals(args.slice(0, 2), ["-m", "ziglang"]);
    if (args[2] === "version") return { out: "0.17.1" };
    files.set(args.find((arg) => arg.startsWith("-femit-bin="))?.slice(11) ?? "", MODULE);
    return {};
  };
  const plan = { ...PLAN, language: "zig", sources: ["/p/a.zig"] } as const;
  assertEquals(
    (await buildModule(plan, fakeMachine({ "/p/a.zig": "" }, { python3 }).ports)).by,
    "ziglang 0.17.1",
  );
});

Deno.test("buildModule() adds sections, and replaces no file that is no module", async () => {
  const { files, ports } = fakeMachine({
    "/p/a.wat": '(module (func (export "f")))',
    "/p/m.json": '{"name":"m"}',
  });
  const wat = { ...PLAN, language: "wat", sources: ["/p/a.wat"] } as const;
  await buildModule({
    ...wat,
    sections: [
      { name: "aegis:mcp", origin: "m.json", path: "/p/m.json" },
      { name: "aegis:signatures", origin: "signatures", text: "f()\n" },
    ],
  }, ports);
  const names = readModule(files.get("/p/a.wasm") ?? new Uint8Array()).customs.map(({ name }) => name);
  assertEquals(names.filter((name) => name !== "name"), ["aegis:mcp", "aegis:signatures"]);
  files.set("/p/a.wasm", new TextEncoder().encode("my diary"));
  const error = await assertRejects(() => buildModule(wat, ports), AegisError);
  assertStringIncludes(error.message, "it is there, and no module");
  assert(files.get("/p/a.wasm")?.length === 8);
});

Deno.test("buildModule() replaces nothing that came to its place while the compiler was at work", async () => {
  const diary = new TextEncoder().encode("my diary");
  const { files, ports } = fakeMachine({ "/p/a.c": "" }, {
    clang: clang((command, all) => {
      all.set("/p/a.wasm", diary);
      return works(command, all);
    }),
  });
  await assertRejects(() => buildModule(PLAN, ports), AegisError, "it is there, and no module");
  assertEquals(files.get("/p/a.wasm"), diary);
});

Deno.test("buildModule() refuses a comma in a folder that AssemblyScript's compiler may use, where it would be two", async () => {
  for (const [folder, scratch] of [["/p,/etc", "/scratch"], ["/p", "/tmp/a,/etc"]] as const) {
    const { ports, started } = fakeMachine({ [`${folder}/a.ts`]: "" }, { deno: () => ({ out: "deno 2" }) });
    const plan = {
      ...PLAN,
      language: "assemblyscript",
      sources: [`${folder}/a.ts`],
      directory: folder,
    } as const;
    const error = await assertRejects(
      () => buildModule(plan, { ...ports, makeFolder: () => scratch }),
      AegisError,
      "Deno takes no path with a comma",
    );
    assertEquals(error.suggestion?.includes("TMPDIR"), scratch.includes(","));
    assertEquals(started.some(({ args }) => args[0] === "run"), false);
  }
});
