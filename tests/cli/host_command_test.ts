import { hostArguments } from "../../src/cli/host_command.ts";
import type { ProgramPlaces } from "../../src/cli/program_places.ts";
import { parseCommand } from "../../src/cli/parse.ts";
import { planRun } from "../../src/cli/run.ts";
import { decodePlan } from "../../src/cli/run_plan.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";

const CLONED: ProgramPlaces = {
  deno: "/bin/deno",
  compiled: false,
  entry: "file:///a/host_main.gen.js",
  config: "/a/deno.json",
  lock: "/a/deno.lock",
};
const PUBLISHED: ProgramPlaces = {
  deno: "/bin/deno",
  compiled: false,
  entry: "https://a.example/host_main.gen.js",
  config: undefined,
  lock: undefined,
};

function planFor(operand: string, ...flags: readonly string[]) {
  const parsed = parseCommand("run", [operand, ...flags, "--", "5"]);
  return planRun(parsed, {}, { locate: (path) => `/folder/${path}`, colour: false, pid: 1234 }).plan;
}

Deno.test("hostArguments() grants reading the module and nothing else", () => {
  const plan = planFor("m.wasm");
  const args = hostArguments(plan, CLONED);
  assertEquals(args.slice(0, -1), [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-worker-options",
    "--allow-read=/folder/m.wasm",
    "--config=/a/deno.json",
    "--frozen",
    "--lock=/a/deno.lock",
    "file:///a/host_main.gen.js",
  ]);
  assertEquals(decodePlan(args.at(-1) ?? ""), plan);
});

Deno.test("hostArguments() grants nothing at all for a module from stdin", () => {
  assertEquals(hostArguments(planFor("-"), PUBLISHED).slice(0, -1), [
    "run",
    "--quiet",
    "--no-prompt",
    "--unstable-worker-options",
    "--no-config",
    "https://a.example/host_main.gen.js",
  ]);
});

Deno.test("hostArguments() refuses a path with a comma, which would grant two others", () => {
  const error = assertThrows(() => hostArguments(planFor("a,b.wasm"), CLONED), AegisError);
  assertEquals(error.code, "InvalidOption");
  assertEquals(
    error.message,
    'Cannot read "a,b.wasm": a path with a comma cannot be granted for reading',
  );
  const other = assertThrows(() => hostArguments(planFor("x,1 y.wasm"), CLONED), AegisError);
  assertEquals(other.suggestion, 'Rename it, or pass it on stdin: aegis run - < "x,1 y.wasm"');
});

Deno.test("hostArguments() grants the process what was granted to the guest, and denies addresses that no grant names", () => {
  const flags = [
    "--allow-read=in",
    "--allow-write=out",
    "--env=A=secret",
    "--allow-env=HOME",
    "--allow-net=a.test",
  ];
  const args = hostArguments(planFor("m.wasm", ...flags), CLONED), allowed = args.slice(4, -5);
  assertEquals(allowed.slice(0, 4), [
    "--allow-read=/folder/m.wasm,/folder/in,/folder/out",
    "--allow-write=/folder/out",
    "--allow-net=a.test:443,a.test:80",
    "--allow-env=HOME,AEGIS_GUEST_ENV_0",
  ]);
  assertMatch(allowed[4] ?? "", /^--deny-net=(?=.*127\.0\.0\.0\/8)(?=.*169\.254\.0\.0\/16)(?=.*\[::1\])/);
  assertEquals(allowed.length, 5);
  assertEquals(args.join(" ").includes("secret"), false);
});

Deno.test("hostArguments() writes hosts as Deno reads them", () => {
  const net = (host: string) =>
    hostArguments(planFor("m.wasm", `--allow-net=${host}`), CLONED).filter((word) =>
      word.startsWith("--allow-net")
    );
  assertEquals(net("*.a.test"), ["--allow-net=*.a.test:443,*.a.test:80"]);
  assertEquals(net("https://a.test:8443"), ["--allow-net=a.test:8443"]);
});

Deno.test("hostArguments() refuses a granted path with a comma, which would grant two others", () => {
  const error = assertThrows(() => hostArguments(planFor("m.wasm", "--allow-read=a,b"), CLONED), AegisError);
  assertStringIncludes(error.message, "comma");
});

Deno.test("hostArguments() lets the host process start deno when the guest is to have a process, and nothing else", () => {
  const started = (...flags: string[]) =>
    hostArguments(planFor("-", ...flags), PUBLISHED).filter((word) => word.startsWith("--allow"));
  assertEquals(started("--isolation", "process"), ["--allow-run=/bin/deno"]);
  for (const isolation of ["auto", "worker"]) assertEquals(started("--isolation", isolation), []);
});

Deno.test("hostArguments() says where a guest cannot have a process of its own", () => {
  const plan = planFor("-", "--isolation=process");
  for (const places of [{ ...CLONED, compiled: true }, { ...CLONED, deno: "/a,b/deno" }]) {
    const error = assertThrows(() => hostArguments(plan, places), AegisError);
    assertEquals([error.code, error.field], ["UnsupportedPlatform", "isolation"]);
    assertEquals(hostArguments(planFor("-"), places).includes("--no-prompt"), true);
  }
});

Deno.test("hostArguments() grants reading the files of sensors, each by itself, and refuses one with a comma", () => {
  const plan = planFor("m.wasm", "--sensor=0=@t", "--sensor=1=5", "--allow-read=d");
  assertEquals(hostArguments(plan, PUBLISHED)[4], "--allow-read=/folder/m.wasm,/folder/d,/folder/t");
  const comma = planFor("m.wasm", "--sensor=0=@a,b");
  const error = assertThrows(() => hostArguments(comma, PUBLISHED), AegisError);
  assertEquals([error.code, error.field], ["InvalidOption", "sensor"]);
});
