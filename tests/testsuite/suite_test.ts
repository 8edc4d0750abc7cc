import { assert, assertEquals } from "../assert.ts";
import { readScript, scriptNames, testsuiteFolder } from "./location.ts";
import { GATE_MODES, usesRelaxedVectors } from "./modes.ts";
import { runSuite } from "./suite_run.ts";
import { findings, sumCounts, summary } from "./suite_totals.ts";
import { splitScript } from "./wast.ts";

const folder = testsuiteFolder();
const names = folder === undefined ? [] : scriptNames(folder);

function usesVectors(script: string): boolean {
  return script.startsWith("simd_") || usesRelaxedVectors(script);
}

function isBeside(script: string): boolean {
  return script.includes("/");
}

/** Parts of the suite: together they are all of it. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  "scripts of vector instructions": names.filter((name) => usesVectors(name)),
  "scripts of custom sections and old exceptions": names.filter(isBeside),
  "all other scripts": names.filter((name) => !usesVectors(name) && !isBeside(name)),
};

function assertions(root: URL, scripts: readonly string[]): number {
  return scripts.flatMap((script) => splitScript(readScript(root, script)))
    .filter(({ kind }) => kind.startsWith("assert_")).length;
}

for (const [part, scripts] of Object.entries(PARTS)) {
  const missing = folder === undefined ? " [official suite not found, set AEGIS_TESTSUITE]" : "";
  Deno.test({
    name: `${part} of the official suite hold in a guest, whatever its slices${missing}`,
    ignore: folder === undefined,
    async fn() {
      assert(folder !== undefined && scripts.length > 0);
      const reports = await runSuite({ folder, scripts, modes: GATE_MODES });
      for (const line of summary(reports, GATE_MODES)) console.log(line);
      assertEquals(findings(reports), []);
      const sums = sumCounts(reports, GATE_MODES), [first] = sums, most = assertions(folder, scripts);
      assert(first !== undefined && first.passed + first.excepted >= most, `${most} assertions were made`);
      const refused = reports.flatMap(({ refusals }) => [...refusals.values()])
        .filter(({ command }) => command.kind.startsWith("assert_")).length;
      for (const [index, mode] of GATE_MODES.entries()) {
        if (mode.prepare.deterministic) continue; // it refuses scripts, see `Mode.refuses`
        const left = mode.prepare.engine === "interpreter" ? refused : 0;
        assertEquals(
          sums[index]?.passed,
          first.passed - left,
          `${mode.name}: all but what is refused by name`,
        );
      }
    },
  });
}
