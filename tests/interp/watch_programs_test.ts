/** Random programs do the same, and consume the same, whether they are watched or not; and profiles add up. */
import { InterpreterEngine } from "../../src/guest/interpreter_engine.ts";
import type { WatchLevel } from "../../src/interp/compile/watch_code.ts";
import type { Watcher } from "../../src/interp/run/watcher.ts";
import { NameFilter } from "../../src/interp/watch/name_filter.ts";
import { Profiler } from "../../src/interp/watch/profiler.ts";
import { Stepper } from "../../src/interp/watch/stepper.ts";
import { Trace, type TraceOptions } from "../../src/interp/watch/trace.ts";
import { TraceLines } from "../../src/interp/watch/trace_lines.ts";
import { WatchedModules } from "../../src/interp/watch/watched_modules.ts";
import { assert, assertEquals } from "../assert.ts";
import { GENERATIONS, randomProgram } from "../generated/generator/random_program.ts";
import type { Call, Program } from "../generated/program.ts";
import { show } from "../generated/observe.ts";
import { GuestRun } from "../generated/run.ts";
import { prepareWide } from "../instrument/instrumented.ts";

const STACK = 4 << 20;

/** Programs of each generation; `AEGIS_WATCH_SEEDS` has it try more. */
const SEEDS = Number(Deno.env.get("AEGIS_WATCH_SEEDS") ?? 20);

/** Room for what a profile says. */
const ROOM = 16 << 20;

/** Watches one call. */
interface Watch {
  readonly watcher: Watcher;
  /** @param used units that the call consumed */
  readonly end: (used: bigint) => void;
}

type Options = Pick<TraceOptions, "store" | "consumed" | "moduleOf">;

/** What a program does, call by call, with all that can be seen of it. */
async function told(
  program: Program,
  level: WatchLevel | undefined,
  watch?: (options: Options) => Watch,
): Promise<unknown[]> {
  let watcher: Watcher | undefined;
  const prepared = await prepareWide(program.bytes, { engine: "interpreter", watch: level });
  const interpreter = new InterpreterEngine(STACK, { watcher: () => watcher }), seen: unknown[] = [];
  const run = new GuestRun(program, prepared, { slice: 500n, interpreter }), { store } = interpreter;
  const modules = new WatchedModules();
  seen.push(run.started, run.units);
  const call = (wanted: Call) => {
    const made = store === undefined
      ? undefined
      : watch?.({ store, consumed: () => run.units, moduleOf: modules.of });
    watcher = made?.watcher;
    const { kind, ...rest } = run.call(wanted);
    made?.end(run.used);
    watcher = undefined;
    seen.push([kind, "values" in rest ? show(rest.values) : Object.keys(rest), run.used]);
  };
  if (run.started.kind === "returned") program.calls.forEach(call);
  for (const exported of Object.values(run.exports)) {
    if (exported instanceof WebAssembly.Memory) {
      seen.push(new Uint8Array(exported.buffer).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0));
    }
  }
  return [...seen, ...run.hosts.log, ...run.hosts.meters];
}

function sumOf(stacks: string): number {
  return stacks.split("\n").reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

Deno.test("code that is watched gives the same results, host calls and fuel, and every profile adds up to its call", async () => {
  let calls = 0, lines = 0, steps = 0, shared = 0;
  for (const generation of GENERATIONS) {
    for (let seed = 0; seed < SEEDS; seed++) {
      const program = randomProgram(seed, generation), where = `seed ${seed}, ${generation}`;
      const plain = await told(program, undefined);
      const profiled = await told(program, "functions", (options) => {
        const profiler = new Profiler(options);
        return {
          watcher: profiler,
          end: (used) => {
            const { fuel, functions, stacks, other } = profiler.end(ROOM);
            calls++;
            if (functions.filter(({ self }) => self > 0).length > 1) shared++;
            assertEquals([BigInt(fuel), sumOf(stacks), other], [used, fuel, 0], where);
            for (const row of functions) {
              assert(row.self >= 0 && row.self <= row.total, `${where}: ${JSON.stringify(row)}`);
            }
          },
        };
      });
      assertEquals(profiled, plain, where);
      const traced = await told(program, "instructions", (options) => {
        const written = new TraceLines(1_000_000, () => {});
        const trace = new Trace({
          ...options,
          level: "instructions",
          filter: new NameFilter(""),
          lines: written,
        });
        return {
          watcher: trace,
          end: () => {
            trace.end();
            lines += written.count;
          },
        };
      });
      assertEquals(traced, plain, where);
      const stepped = await told(program, "instructions", (options) => {
        let left = 300, before = 0n;
        const stepper: Stepper = new Stepper(options, () => {
          for (const { locals, localCount } of stepper.frames()) assertEquals(locals.length, localCount);
          steps++;
          const { fuel } = stepper;
          assert(fuel >= before, `${where}: ${fuel} after ${before}`);
          before = fuel;
          if (left-- === 0) return { go: "continue" };
          const way = left % 8;
          if (way === 0 && stepper.frames().length > 1) return { go: "out" };
          return way < 5 ? { go: "over" } : { go: "step", count: way };
        });
        return { watcher: stepper, end: () => {} };
      });
      assertEquals(stepped, plain, where);
    }
  }
  console.log(`${calls} calls, ${shared} with shares of several functions; ${lines} lines, ${steps} stops`);
  assert(calls > 200 && shared > 5 && lines > 10_000 && steps > 1000);
});
