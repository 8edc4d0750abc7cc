/** Compares a program on bare V8 and in the interpreter, call by call, without instrumentation. */
import { BareInterpretedRun } from "./bare_interpreted.ts";
import { difference, type Ending, Unseen } from "./observe.ts";
import type { Program } from "./program.ts";
import { BareRun } from "./run.ts";
import type { Tally } from "./tally.ts";

/** Frames that the interpreter notes. */
const NOTED_FRAMES = 64;

/**
 * The interpreter must be able to run the program.
 *
 * @returns what differs first; undefined where nothing does
 */
export function bareDifference(program: Program, tally: Tally): string | undefined {
  const bare = new BareRun("bare V8", program, program.bytes), interpreted = new BareInterpretedRun(program);
  const names = WebAssembly.Module.exports(new WebAssembly.Module(program.bytes)).map(({ name }) => name);
  const view = { names, mayBeImport: (number: string) => Number(number) < program.hosts.length };
  tally.programs++;
  tally.interpreted++;
  const compared = (what: string, one: Ending, other: Ending): string | undefined => {
    tally.comparisons++;
    if (text(one) !== text(other)) return `${what}: ${text(other)} instead of ${text(one)}`;
    const at = bare.hosts.log.findIndex((line, place) => line !== interpreted.hosts.log[place]);
    if (at >= 0) return `${what}: host call ${interpreted.hosts.log[at]} instead of ${bare.hosts.log[at]}`;
    const found = difference(bare.exports, interpreted.exports, view);
    return found === undefined ? undefined : `${what}: ${found}`;
  };
  try {
    const found = compared("start", bare.started, interpreted.started);
    if (found !== undefined || bare.started.kind !== "returned") return found;
    for (const [number, call] of program.calls.entries()) {
      const one = bare.call(call), other = interpreted.call(call);
      tally.calls++;
      if (bare.undefined) {
        tally.undefined++;
        return undefined;
      }
      tally[one.kind === "undefined" ? "trapped" : one.kind]++;
      const found = compared(`call ${number}, ${call.name}(${call.args.map(String)})`, one, other);
      if (found !== undefined) return found;
    }
  } catch (error) {
    if (!(error instanceof Unseen)) throw error;
    tally.undefined++;
  }
  return undefined;
}

function text(ending: Ending): string {
  return JSON.stringify(
    ending.kind === "trapped" ? { ...ending, frames: ending.frames.slice(0, NOTED_FRAMES) } : ending,
  );
}
