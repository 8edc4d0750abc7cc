/** Reads what `deno test` prints while it runs: also of a run that was ended in the middle. */

/** What was seen of the tests of a run. Names are those of tests, without steps. */
export interface TestRun {
  readonly passed: readonly SeenTest[];
  readonly failed: readonly SeenTest[];
  /** The test that had begun and not ended. */
  readonly open: SeenTest | undefined;
  /** A file that failed as a whole, with the message. */
  readonly uncaught: string | undefined;
  /** Whether the line of totals is there. */
  readonly whole: boolean;
}

export interface SeenTest {
  readonly file: string;
  readonly name: string;
}

const FILE = /^running \d+ tests? from \.\/(\S+)$/;
const RESULT = /^(\S.*?) \.\.\. (ok|FAILED|ignored|cancelled)(?: \([^()]*\))*$/;
const BEGUN = /^(\S.*?) \.\.\.(?: *)$/;
const UNCAUGHT = /^\.\/(\S+) \(uncaught error\)$/;
const TOTALS = /^(?:ok|FAILED) \| \d+ passed/;

/** @param output what came on the standard output, without colours */
export function readTestRun(output: string): TestRun {
  const passed: SeenTest[] = [], failed: SeenTest[] = [];
  let file = "", open: SeenTest | undefined, uncaught: string | undefined, whole = false;
  const lines = output.split("\n");
  lines.forEach((line, index) => {
    file = FILE.exec(line)?.[1] ?? file;
    const [, name = "", result] = RESULT.exec(line) ?? [];
    if (result !== undefined) {
      open = undefined;
      if (result === "ok") passed.push({ file, name });
      else if (result === "FAILED") failed.push({ file, name });
      return;
    }
    const begun = BEGUN.exec(line)?.[1];
    if (begun !== undefined) open = { file, name: begun };
    if (UNCAUGHT.test(line)) uncaught ??= `${line}: ${lines[index + 1] ?? ""}`;
    if (TOTALS.test(line)) whole = true;
  });
  return { passed, failed, open, uncaught, whole };
}
