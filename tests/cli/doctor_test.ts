import { doctor } from "../../src/cli/doctor_command.ts";
import { type DoctorPorts, examine, type Finding } from "../../src/cli/doctor.ts";
import { LANGUAGE_NAMES } from "../../src/toolchain/languages.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

/** A machine on which everything is as it should be. */
const HEALTHY: DoctorPorts = {
  deno: "2.9.6",
  v8: "15.0",
  compiled: false,
  cores: 4,
  granted: () => true,
  variable: () => undefined,
  runFlags: ["--no-prompt"],
  trial: () => Promise.resolve({ time: 90.4 }),
  compiler: (language) => Promise.resolve(`${language} 1.0`),
  baseBinary: () => Promise.resolve("/base"),
};

/** The findings that are not as they should be. */
async function noted(ports: Partial<DoctorPorts>): Promise<Finding[]> {
  return (await examine({ ...HEALTHY, ...ports })).filter(({ state }) => state !== "ok");
}

Deno.test("examine() finds nothing on a machine that is as it should be", async () => {
  const findings = await examine(HEALTHY);
  assertEquals(findings.map(({ name }) => name), [
    "deno",
    "permissions",
    "flags",
    "variables",
    "cores",
    "worker",
    "process",
    "interpreter",
    ...LANGUAGE_NAMES,
    "compile",
  ]);
  assertEquals(findings.filter(({ state, advice }) => state !== "ok" || advice !== undefined), []);
  assertEquals(findings.find(({ name }) => name === "worker")?.found, "a run took 90 ms");
});

Deno.test("examine() says what to do about everything that it finds", async () => {
  const cases: readonly (readonly [Partial<DoctorPorts>, names: readonly string[], found: string])[] = [
    [{ deno: "2.8.3" }, ["deno"], "older than 2.9"],
    [{ deno: "1.46.0" }, ["deno"], "older than 2.9"],
    [{ granted: (name) => name !== "run" }, ["permissions"], "run (to start the process of a run)"],
    [
      { variable: (name) => name === "DENO_V8_FLAGS" ? "--jitless" : "" },
      ["variables"],
      "DENO_V8_FLAGS is set",
    ],
    [{ cores: 1 }, ["cores"], "1"],
    [
      {
        trial: (isolation) =>
          Promise.resolve(isolation === "process" ? { failure: "no process" } : { time: 1 }),
      },
      ["process"],
      "no process",
    ],
    [{ compiler: () => Promise.reject(new Error("Cannot build")) }, [...LANGUAGE_NAMES], "Cannot build"],
    [{ baseBinary: () => Promise.resolve(undefined) }, ["compile"], "has not got its base binary"],
    [{ compiled: true }, ["compile"], "no deno"],
  ];
  for (const [ports, names, found] of cases) {
    const findings = await noted(ports);
    assertEquals(findings.map(({ name, state }) => `${name} ${state}`), names.map((name) => `${name} note`));
    for (const finding of findings) {
      assertStringIncludes(finding.found, found);
      assert((finding.advice ?? "").length > 10, finding.name);
    }
  }
  assertEquals(await noted({ deno: "3.0.0" }), []);
});

Deno.test("examine() calls it a problem that the run fails which nobody asks anything special of", async () => {
  const findings = await noted({ trial: () => Promise.resolve({ failure: "it said nothing" }) });
  assertEquals(findings.map(({ name, state }) => `${name} ${state}`), [
    "worker problem",
    "process note",
    "interpreter note",
  ]);
});

function printed(findings: readonly Finding[], flags: Parameters<typeof doctor>[0]["flags"]) {
  let out = "";
  const io = { out: (text: string) => out += text, colour: false } as unknown as Parameters<typeof doctor>[1]; // all it uses
  return doctor({ operand: undefined, flags, args: [] }, io, findings).then((status) => ({ status, out }));
}

const FINDINGS: readonly Finding[] = [
  { name: "deno", state: "ok", found: "2.9.6" },
  { name: "worker", state: "problem", found: "a run ended\x1b[31m", advice: "Do this." },
];

Deno.test("doctor prints each finding with what to do, and fails where runs do not work", async () => {
  assertEquals(await printed(FINDINGS, {}), {
    status: 1,
    out:
      "ok       deno    2.9.6\nproblem  worker  a run ended\\x1b[31m\n                 Do this.\nRuns do not work.\n",
  });
  assertEquals(await printed(FINDINGS.slice(0, 1), { quiet: true }), { status: 0, out: "Runs work.\n" });
  const { status, out } = await printed(FINDINGS, { format: "json" });
  assertEquals([status, JSON.parse(out).works, JSON.parse(out).findings[1]], [1, false, {
    name: "worker",
    state: "problem",
    found: "a run ended\x1b[31m",
    advice: "Do this.",
  }]);
});

Deno.test("doctor finds on this machine that runs work, and on one without a way to run that they do not", async () => {
  const aegis = async (flags: readonly string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        ...flags,
        new URL("../../cli.ts", import.meta.url).pathname,
        "doctor",
        "-f",
        "json",
      ],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    assert(text !== "", new TextDecoder().decode(stderr));
    const { works, findings } = JSON.parse(text) as { works: boolean; findings: Finding[] }; // as above
    return { code, works, findings };
  };
  const healthy = await aegis(["-A"]);
  assertEquals([healthy.code, healthy.works], [0, true]);
  for (const name of ["worker", "process", "interpreter"]) {
    const finding = healthy.findings.find((one) => one.name === name);
    assertMatch(finding?.found ?? "", /^a run took \d+ ms$/);
  }
  // Without the right to start processes there is no run.
  const poor = await aegis(["--allow-read", "--allow-env", "--allow-write", "--allow-sys"]);
  assertEquals([poor.code, poor.works], [1, false]);
  const finding = poor.findings.find(({ name }) => name === "permissions");
  assertStringIncludes(finding?.found ?? "", "run (to start the process of a run)");
});
