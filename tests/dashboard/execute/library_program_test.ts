import { libraryProgram } from "../../../src/dashboard/execute/library_program.ts";
import { argumentJson } from "../../../src/dashboard/forms/argument_json.ts";
import {
  AlertCapability,
  ClockCapability,
  LoggingCapability,
  RandomCapability,
  SensorCapability,
} from "../../../mod.ts";
import { assertEquals, assertStringIncludes } from "../../assert.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { HOSTILE, policyOf, runOf } from "./local_run_rig.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Runs a program here. @returns what it prints */
async function printedBy(path: string): Promise<unknown[]> {
  const printed: unknown[] = [], { log } = console;
  console.log = (...values) => void printed.push(...values);
  try {
    await import(`file://${path}`);
  } finally {
    console.log = log;
  }
  return printed;
}

/** A module whose functions have these names, and give back what they are given. */
function echo(names: readonly string[]): Uint8Array {
  const escaped = (name: string) =>
    [...new TextEncoder().encode(name)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const functions = names.map((name) =>
    `(func (export "${escaped(name)}") (param i32 i64 f32 f64) (result i64) (local.get 1))`
  );
  return compileText(`(module ${functions.join("\n")})`);
}

Deno.test("libraryProgram() is a program that does the same, whatever stands in it", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const policy = await policyOf({
      fuelLimit: "unlimited",
      capabilities: [
        LoggingCapability.all(),
        AlertCapability.all(),
        SensorCapability.constant(3, 7),
        ClockCapability.all(),
        RandomCapability.secure(),
      ],
    });
    const names = ["", HOSTILE.join("")], type = { params: ["i32", "i64", "f32", "f64"], results: ["i64"] };
    const [values, from] = [[1, 2n ** 63n - 1n, NaN, -0], new URL("mod.ts", ROOT).href];
    const needs = ["logging", "alert", "sensor", "clock", "random"] as const;
    await Deno.writeFile(`${directory}/echo.wasm`, echo(names));
    for (const [index, name] of names.entries()) {
      const task = {
        args: values.map(argumentJson),
        grants: {
          env: [name.replaceAll(/[=,]/g, "") || "A"],
          net: ["a.example"],
          read: [`${directory}::/in`],
          sensors: { 3: [1, 2] },
        },
        limits: { fuelLimit: index % 2 === 0 ? "unlimited" : "5M", memoryLimit: "3MiB", connections: "2" },
      };
      const run = runOf({ policy, task, called: { name, type }, fileName: "echo", needs });
      const path = `${directory}/program${index}.ts`;
      await Deno.writeTextFile(path, libraryProgram(run, { from, module: `${directory}/echo.wasm` }));
      assertEquals(await printedBy(path), [2n ** 63n - 1n]);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("libraryProgram() gives a program its words, its input, and a place for what it prints", async () => {
  const policy = await policyOf(), called = { name: "_start", type: { params: [], results: [] } };
  const text = libraryProgram(
    runOf({ policy, called, needsWasi: true, task: { argv: ["`a`"], stdin: "b\n" } }),
  );
  assertStringIncludes(text, 'from "jsr:@aegis/core"');
  assertStringIncludes(text, 'args: ["main", "`a`"],\n  stdin: "b\\n",\n  stdout:');
  assertStringIncludes(text, 'tryCall("_start")');
});

Deno.test("libraryProgram() is what a sample is, which is type-checked with all files", async () => {
  const policy = await policyOf({
    fuelLimit: "unlimited",
    capabilities: [
      LoggingCapability.all(),
      AlertCapability.all(),
      ClockCapability.all(),
      RandomCapability.secure(),
    ],
  });
  const task = {
    policy: "strict",
    grants: {
      logging: "info",
      alerts: "warning",
      sensors: { 0: 21, 1: [1, 2] },
      clock: true,
      random: true,
      env: ["LANG"],
      read: ["in"],
      write: ["out::/out"],
      net: ["a.example"],
    },
    argv: ["it's"],
    stdin: "a\nb",
    engine: "interpreter",
    limits: { fuelLimit: "unlimited", timeout: "90s" },
    args: [1, "2", "nan", "text", []],
  } as const;
  const type = { params: ["i32", "i64", "f64", "string", "json"], results: [] };
  const run = runOf({ policy, task, called: { name: "_start", type }, needsWasi: true });
  const sample = await Deno.readTextFile(new URL("library_program_sample.ts", import.meta.url));
  assertEquals(libraryProgram(run, { from: "../../../mod.ts", module: "add.wasm" }), sample);
});
