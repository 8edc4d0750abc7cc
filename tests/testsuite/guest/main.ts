/**
 * Entry of the suite's Worker: a guest that takes steps instead of requests. It is started, and its scope emptied, as
 * the real one is; bundled to text when the suite runs.
 */
import { ADAPTER_MEMORIES } from "./call_adapter.ts";
import { HostObjects } from "./host_objects.ts";
import type { ScriptReply, ScriptRequest, StartMessage, StepResult } from "./program.ts";
import { type Preparation, prepareModule, ScriptModule } from "./script_module.ts";
import { ScriptRun } from "./script_run.ts";
import { CoreCache } from "../../../src/guest/core_cache.ts";
import { scrubGlobals } from "../../../src/guest/scrub.ts";
import { MOST_FRAMES } from "../../../src/guest/trap_report.ts";
import { GuestEnd } from "../../../src/protocol/channel.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: ScriptReply): void;
}

class Suite {
  readonly #channel: GuestEnd;
  readonly #spectest: Uint8Array<ArrayBuffer>;
  readonly #classifier: WebAssembly.Module;
  readonly #cores = new CoreCache();

  constructor(start: StartMessage) {
    this.#channel = new GuestEnd(start.buffer);
    this.#spectest = start.spectest;
    this.#classifier = new WebAssembly.Module(start.classifier);
  }

  /** Runs that prepare alike share their modules. */
  async run({ modules, steps, runs, timeout }: ScriptRequest): Promise<StepResult[][]> {
    const prepared: Map<string, Promise<Preparation[]>> = new Map();
    const results: StepResult[][] = [];
    for (const options of runs) {
      const key = JSON.stringify(options.prepare);
      const preparations = prepared.get(key) ?? this.#prepare([...modules, this.#spectest], options.prepare);
      prepared.set(key, preparations);
      const list = await preparations, spectest = list.at(-1);
      if (!(spectest instanceof ScriptModule)) throw new Error(`spectest: ${JSON.stringify(spectest)}`);
      const hosts = new HostObjects(this.#classifier);
      const adapterCore = await this.#cores.compiled(ADAPTER_MEMORIES);
      const context = { channel: this.#channel, spectest, hosts, timeout, adapterCore };
      const run = new ScriptRun(context, list, options);
      const budgets = options.budget === "exact" ? results[0] : undefined;
      results.push(steps.map((step, index) => run.take(step, budgets?.[index]?.fuel)));
    }
    return results;
  }

  async #prepare(
    modules: readonly Uint8Array<ArrayBuffer>[],
    options: ScriptRequest["runs"][number]["prepare"],
  ): Promise<Preparation[]> {
    const made: Preparation[] = [];
    for (const bytes of modules) {
      made.push(await prepareModule(bytes, `m${made.length}`, { ...options, cores: this.#cores }));
    }
    return made;
  }
}

function startSuite(scope: WorkerScope): void {
  let suite: Suite | undefined;
  scope.onmessage = async (event) => {
    const message = event.data as StartMessage | ScriptRequest; // `as`: only the host can post to this Worker
    if (message.kind === "start") {
      suite = new Suite(message);
      return;
    }
    try {
      scope.postMessage({ runs: await suite?.run(message) ?? [] });
    } catch (error) {
      scope.postMessage({ fault: String(error) });
    }
  };
}

Error.stackTraceLimit = 2 * MOST_FRAMES;
scrubGlobals(globalThis);
startSuite(globalThis as unknown as WorkerScope);
