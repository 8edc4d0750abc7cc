import { AegisError } from "../../src/core/errors.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { assert, assertEquals } from "../assert.ts";
import { readScript, scriptNames, testsuiteFolder } from "../testsuite/location.ts";
import {
  compileText,
  legacyTextCompiler,
  moduleBytes,
  type TextCompiler,
} from "../testsuite/module_bytes.ts";
import { type ModuleSource, splitScript } from "../testsuite/wast.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

const LIMITS = resolveLimits(WIDE_LIMITS);

/** The modules that a script defines and that are valid: those it asserts nothing bad of. */
function modulesOf(script: string): ModuleSource[] {
  return splitScript(script).flatMap((command) => {
    if (command.kind === "module" || command.kind === "module definition") return [command.module];
    const instantiates = command.kind === "assert_uninstantiable" || command.kind === "assert_unlinkable" ||
      command.kind === "assert_trap" && "module" in command;
    return instantiates ? [command.module] : [];
  });
}

type Verdict = "compiles" | "not text that the compiler knows" | "V8 refuses the original" | string;

function verdictOf(source: ModuleSource, compile: TextCompiler): Verdict {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = moduleBytes(source, compile);
  } catch {
    return "not text that the compiler knows";
  }
  if (!WebAssembly.validate(bytes)) return "V8 refuses the original";
  try {
    const made = instrument(bytes, { limits: LIMITS, unboundedHeap: true });
    for (const part of [made.bytes, made.shim]) new WebAssembly.Module(Uint8Array.from(part));
    return "compiles";
  } catch (error) {
    return error instanceof AegisError && error.code === "ModuleRefused"
      ? `refused: ${error.message.replace(/\d+/g, "#")}`
      : `FAILS: ${error}`;
  }
}

const folder = testsuiteFolder();

Deno.test({
  name:
    "every valid module of the official suite compiles after instrumentation, or is refused by a named limit",
  ignore: folder === undefined,
  async fn() {
    assert(folder !== undefined);
    const legacy = await legacyTextCompiler(), counts = new Map<Verdict, number>(), failures: string[] = [];
    for (const name of scriptNames(folder)) {
      const compile = name.startsWith("legacy/") ? legacy : compileText;
      for (const source of modulesOf(readScript(folder, name))) {
        const verdict = verdictOf(source, compile);
        counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
        if (verdict.startsWith("FAILS")) failures.push(`${name}:${source.line} ${verdict}`);
      }
    }
    for (const [verdict, count] of counts) console.log(`${count} ${verdict}`);
    assertEquals(failures, []);
    assert((counts.get("compiles") ?? 0) > 2000, "found the suite's modules");
  },
});

if (folder === undefined) {
  console.log("The official test suite is missing: set AEGIS_TESTSUITE to its folder to run its modules.");
}
