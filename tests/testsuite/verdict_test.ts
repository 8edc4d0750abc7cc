import { assert, assertEquals } from "../assert.ts";
import { mutate } from "../wasm/mutate.ts";
import { Random } from "../wasm/random.ts";
import { Comparison, refusal, repetitions, seed } from "../wasm/verdict.ts";
import { testsuiteFolder } from "./location.ts";
import { exceptionsOf } from "./suite_exceptions.ts";
import { isCustom, isInvalid, type SuiteModule, suiteModules } from "./suite_modules.ts";

const folder = testsuiteFolder();
const modules = folder === undefined ? Promise.resolve([]) : suiteModules(folder);

/** A test over the modules of the suite, which says in its name why it does not run where there is none. */
function suiteTest(name: string, run: (modules: readonly SuiteModule[]) => void): void {
  const missing = folder === undefined ? " [official suite not found, set AEGIS_TESTSUITE]" : "";
  Deno.test({ name: `${name}${missing}`, ignore: folder === undefined, fn: async () => run(await modules) });
}

/** Mutated modules stay below this, so that many are compared. */
const SMALL = 3000;

suiteTest("validateModule() agrees with V8 on every module of the official suite", (modules) => {
  const comparison = new Comparison();
  for (const { bytes, place } of modules) {
    if (bytes !== undefined) comparison.add(bytes, place);
  }
  console.log(`official suite: ${comparison}`);
  assertEquals(comparison.differences, []);
  assert(comparison.valid > 2000, "most of the suite was not found");
});

suiteTest("validateModule() accepts what the official suite calls valid", (modules) => {
  const refused = modules.filter((module) => !isInvalid(module) && !isCustom(module))
    .filter(({ bytes }) => bytes === undefined || refusal(bytes) !== undefined);
  assertEquals(refused.map(({ place }) => place).sort(), exceptionsOf("V8 limit"));
});

suiteTest(
  "readModule() and validateModule() refuse what the official suite calls malformed or invalid",
  (modules) => {
    const known = modules.filter(isInvalid).filter(({ bytes }) => bytes !== undefined);
    const accepted = known.filter(({ bytes }) => bytes !== undefined && refusal(bytes) === undefined);
    console.log(`official suite: ${known.length} modules must be refused`);
    assertEquals(accepted.map(({ place }) => place), exceptionsOf("text parser"));
    assert(known.length > 3000, "most of the suite was not found");
  },
);

suiteTest("validateModule() agrees with V8 on mutated modules of the official suite", (modules) => {
  const random = new Random(seed());
  const comparison = new Comparison();
  const sources = modules.filter(({ bytes }) => bytes !== undefined && bytes.length < SMALL);
  for (let round = repetitions(25_000); round > 0; round--) {
    const { bytes = new Uint8Array(), place } = random.pick(sources);
    comparison.add(mutate(bytes, random), `seed ${random.seed}, ${place}`);
  }
  console.log(`seed ${random.seed}: ${comparison}`);
  assertEquals(comparison.differences, []);
});
