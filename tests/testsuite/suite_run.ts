/** Runs scripts of the suite, several at a time. */
import { CLASSIFIER_TEXT } from "./guest/host_objects.ts";
import type { RunOptions } from "./guest/program.ts";
import { SPECTEST_TEXT } from "./guest/spectest.ts";
import { readScript } from "./location.ts";
import type { Mode } from "./modes.ts";
import { ScriptCompiler } from "./script_compiler.ts";
import { buildProgram } from "./script_program.ts";
import { failedReport, judgeScript, type ScriptReport } from "./script_report.ts";
import { bundleProgram, SuiteWorker, type WorkerProgram } from "./suite_worker.ts";
import { splitScript } from "./wast.ts";
import { wasmToolsCompiler } from "./wasm_tools.ts";

/** Milliseconds for a whole script in all modes, and for one of its steps. */
export interface Deadlines {
  readonly script: number;
  readonly step: number;
}

const DEADLINES: Deadlines = { script: 60_000, step: 20_000 };

export interface SuiteOptions {
  readonly folder: URL;
  readonly scripts: readonly string[];
  readonly modes: readonly Mode[];
  readonly deadlines?: Deadlines;
}

/** What can be posted of a mode. */
function runOptions({ slice, budget, prepare }: Mode): RunOptions {
  return { slice, budget, prepare };
}

class Suite {
  readonly #waiting: string[];
  readonly #reports: ScriptReport[] = [];

  constructor(
    readonly options: SuiteOptions,
    readonly compiler: ScriptCompiler,
    readonly program: WorkerProgram,
  ) {
    this.#waiting = [...options.scripts];
  }

  /** @returns reports in the order of the scripts */
  async run(): Promise<ScriptReport[]> {
    const lanes = Math.max(1, Math.min(4, navigator.hardwareConcurrency, this.#waiting.length));
    await Promise.all(Array.from({ length: lanes }, () => this.#lane()));
    const order = new Map(this.options.scripts.map((script, index) => [script, index]));
    return this.#reports.sort((a, b) => (order.get(a.script) ?? 0) - (order.get(b.script) ?? 0));
  }

  /** Takes scripts off the list until none is left. */
  async #lane(): Promise<void> {
    let worker = new SuiteWorker(this.program);
    try {
      for (let script = this.#waiting.shift(); script !== undefined; script = this.#waiting.shift()) {
        if (worker.lost) worker = new SuiteWorker(this.program);
        this.#reports.push(await this.#runScript(script, worker));
      }
    } finally {
      worker[Symbol.dispose]();
    }
  }

  async #runScript(script: string, worker: SuiteWorker): Promise<ScriptReport> {
    const { folder, modes, deadlines = DEADLINES } = this.options;
    const program = buildProgram(script, splitScript(readScript(folder, script)), this.compiler);
    const { modules, steps } = program;
    const reply = await worker.run({
      kind: "script",
      modules,
      steps,
      runs: modes.map(runOptions),
      timeout: deadlines.step,
    }, deadlines.script);
    return "fault" in reply
      ? failedReport(script, modes, reply.fault)
      : judgeScript(script, program, modes, reply.runs);
  }
}

/** Runs scripts in all modes given. */
export async function runSuite(options: SuiteOptions): Promise<ScriptReport[]> {
  const compileText = await wasmToolsCompiler();
  const program: WorkerProgram = {
    text: await bundleProgram(),
    spectest: compileText(SPECTEST_TEXT),
    classifier: compileText(CLASSIFIER_TEXT),
  };
  return await new Suite(options, await ScriptCompiler.create(), program).run();
}
