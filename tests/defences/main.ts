/**
 * `deno task test:defences`: switches off one defence at a time in a copy of the sources, and fails unless a test fails
 * for each. Writes docs/defences.md. Linux only.
 *
 *     --only ID,…     these rows alone
 *     --class NAME,…  those of a class alone: files, wasi, cpu, memory, compiling, reading, network, isolation, forged,
 *                     sandbox, command, server, serving, wrappers, resilience
 *     --new           those alone that were not seen failing as they stand
 *     --lanes N       copies in which tests run at the same time @default 2
 *     --trust         does not run the tests with all defences first: for trying a row
 *     --names         tells the names of the tests that failed
 *     --list          lists the rows and runs nothing
 *     --report        writes the document from what was seen, and runs nothing
 */
import { parseArgs } from "node:util";
import { type Defence, digestOf } from "./defence.ts";
import { DEFENCES } from "./defences.ts";
import { reasonOfControl, renderReport, REPORT, withDefences } from "./report.ts";
import { type Names, readSeen, type Seen, sortKeys, updateSeen } from "./seen.ts";
import type { SeenTest } from "./test_output.ts";
import { TreeCopy } from "./tree_copy.ts";
import { type Baseline, tryAll, tryWithout, type Verdict } from "./try_defence.ts";
import { labelledTests } from "../../tools/threats.ts";
import { labelsOf } from "../../tools/threats/lines.ts";

const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    class: { type: "string" },
    new: { type: "boolean", default: false },
    lanes: { type: "string", default: "2" },
    trust: { type: "boolean", default: false },
    names: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});

/** The rows that were asked for. @throws {Error} for a name that there is not */
async function choose(seen: Seen): Promise<Defence[]> {
  const classes = values.class?.split(",") ?? Object.keys(DEFENCES);
  const unknown = classes.find((name) => DEFENCES[name] === undefined);
  if (unknown !== undefined) {
    throw new Error(`Cannot find class "${unknown}": there are ${Object.keys(DEFENCES)}`);
  }
  const rows = classes.flatMap((name) => DEFENCES[name] ?? []);
  const ids = values.only?.split(",");
  const missing = ids?.find((id) => rows.every((row) => row.id !== id));
  if (missing !== undefined) throw new Error(`Cannot find defence "${missing}": --list tells all`);
  const chosen = rows.filter(({ id }) => ids?.includes(id) ?? true);
  if (!values.new) return chosen;
  const known = await Promise.all(
    chosen.map(async (row) => seen.rows[row.id]?.digest === await digestOf(row)),
  );
  return chosen.filter((_, index) => !known[index]);
}

function namesByFile(tests: readonly SeenTest[]): Names {
  const groups = Map.groupBy(tests, ({ file }) => file);
  return sortKeys(Object.fromEntries(
    [...groups].map(([file, list]) => [file, [...new Set(list.map(({ name }) => name))].sort()]),
  ));
}

/** Runs rows in several copies at a time, and keeps what was seen. */
class Trial {
  readonly #baselines = new Map<string, Promise<Baseline>>();
  readonly #waiting: Defence[];
  readonly verdicts = new Map<Defence, Verdict>();
  constructor(rows: readonly Defence[]) {
    this.#waiting = [...rows];
  }

  async lane(copy: TreeCopy): Promise<void> {
    for (let row = this.#waiting.shift(); row !== undefined; row = this.#waiting.shift()) {
      await this.#tryRow(copy, row);
    }
  }

  async #tryRow(copy: TreeCopy, row: Defence): Promise<void> {
    const passing = values.trust ? undefined : await this.#passing(copy, row);
    const verdict = await tryWithout(copy, row, passing).catch((error): Verdict => {
      return { verdict: "broken", failed: [], why: String(error), seconds: 0 };
    });
    this.verdicts.set(row, verdict);
    say(row, verdict);
    const { failed } = verdict, digest = await digestOf(row);
    // What a row came to is kept at once: a run takes long.
    await updateSeen(({ rows: { [row.id]: _, ...others } }) => {
      const own = verdict.verdict === "caught" ? { [row.id]: { digest, failed: namesByFile(failed) } } : {};
      return { rows: { ...others, ...own } };
    });
  }

  /** The tests of a row that pass with all defences. Files one after the other: they share the folder of what they write. */
  async #passing(copy: TreeCopy, { tests }: Defence): Promise<SeenTest[]> {
    const passing: SeenTest[] = [];
    for (const file of tests) passing.push(...(await this.#withAll(copy, file)).passed);
    return passing;
  }

  /** The tests of a file with all defences, once. */
  #withAll(copy: TreeCopy, file: string): Promise<Baseline> {
    const found = this.#baselines.get(file) ?? this.#runAll(copy, file);
    this.#baselines.set(file, found);
    return found;
  }

  async #runAll(copy: TreeCopy, file: string): Promise<Baseline> {
    const baseline = await tryAll(copy, file);
    for (const { name } of baseline.failed) console.log(`fails with all defences: "${name}", ${file}`);
    return baseline;
  }
}

function say({ id, lines }: Defence, { verdict, failed, why, seconds }: Verdict): void {
  const seen = [...new Set(failed.flatMap(({ name }) => labelsOf(name)))];
  const unseen = verdict === "caught" ? lines.filter((line) => !seen.includes(line)) : [];
  console.log(
    [
      verdict.padEnd(7),
      id.padEnd(36),
      `${seconds.toFixed(0)} s`.padStart(6),
      `  ${failed.length} failed`.padEnd(12),
      seen.join(" "),
      unseen.length > 0 ? `; none of ${unseen.join(" ")}` : "",
      why,
    ].join(" ").trimEnd(),
  );
  if (values.names) { for (const { name } of failed) console.log(`          ${name}`); }
}

async function writeReport(seen: Seen): Promise<void> {
  await Deno.writeTextFile(`${ROOT}/${REPORT}`, await renderReport(seen, await labelledTests()));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", `${ROOT}/${REPORT}`], cwd: ROOT })
    .output();
}

async function run(rows: readonly Defence[]): Promise<number> {
  const started = performance.now(), trial = new Trial(rows);
  const place = `${Deno.env.get("TMPDIR") ?? "/tmp"}/aegis_defences_${
    ROOT.replaceAll(/[^A-Za-z0-9]+/g, "_")
  }`;
  await Promise.all(
    Array.from({ length: Math.min(Number(values.lanes), Math.max(1, rows.length)) }, async (_, index) => {
      await using copy = await TreeCopy.make(ROOT, `${place}_${index}`);
      await trial.lane(copy);
    }),
  );
  const now = await readSeen();
  await writeReport(now);
  const count = (verdict: Verdict["verdict"]) =>
    [...trial.verdicts.values()].filter((one) => one.verdict === verdict).length;
  const rest = (await withDefences(now, await labelledTests())).filter((test) =>
    test.defences.length === 0 && reasonOfControl(test) === undefined
  );
  console.log(
    `${rows.length} rows: ${count("caught")} caught, ${count("missed")} missed, ${
      count("broken")
    } broken; ${rest.length} ` +
      `tests not seen failing; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  return count("caught") === rows.length ? 0 : 1;
}

const seen = await readSeen(), rows = await choose(seen);
if (values.list) {
  for (const { id, lines, file, what } of rows) {
    console.log(`${id.padEnd(36)} ${lines.join(" ").padEnd(12)} ${file}  ${what}`);
  }
} else if (values.report) await writeReport(seen);
else Deno.exit(await run(rows));
