/**
 * Functions that V8's compilers take long over, or die of: the baseline compiler at the first call, where nothing can
 * stop it, and the optimising compiler in the background, whose failure ends the whole process. Run as a program, this
 * file loads one of them into a sandbox and prints what happened: it may take the process with it.
 */
import { cpuTime, residentMemory, sleep } from "../process_facts.ts";
import { wordsOf } from "../cpu/stopping.ts";
import { delaySoFar } from "../../undelayed.ts";
import { Aegis, AegisError } from "../../../mod.ts";
import {
  type Bytes,
  END,
  funcType,
  I32,
  I64,
  join,
  leb,
  type ModuleParts,
  sleb,
  wasmModule,
} from "../../wasm/module_builder.ts";

/** What a bomb did, as the program prints it. */
export interface Report {
  /** The words of the call's outcome, or the code of the error that loading ended with. */
  readonly end: string;
  /** Milliseconds that loading took, and from the call's deadline to its end. */
  readonly load: number;
  readonly late: number;
  /** Milliseconds of computing in 600 ms, from one second after the call had ended. */
  readonly background: number;
  /** Milliseconds for which threads of the process were kept waiting for a processor in all that time. */
  readonly delay: number;
  /** Resident memory at most, in MiB. */
  readonly memory: number;
}

type Locals = readonly (readonly [number, number])[];

interface Bomb extends Omit<ModuleParts, "functions" | "types"> {
  readonly code: Bytes;
  readonly locals?: Locals;
  /** Code of function 1: `() -> ()`, empty unless said. */
  readonly types?: readonly Bytes[];
  readonly helper?: { readonly type: number; readonly code: Bytes };
}

function repeat(count: number, item: (index: number) => Bytes): Bytes {
  return join(Array.from({ length: count }, (_, index) => item(index)));
}

const CALL: Bytes = [0x10, 1], DROP = 0x1a;
const GLOBALS: readonly Bytes[] = [[I32, 1, 0x41, 0, END], [I32, 1, 0x41, 0, END]];
const TAGS: readonly Bytes[] = [[0, 0]], MEMORIES: readonly Bytes[] = [[0, 1]];
const TRY: Bytes = [0x02, 0x40, 0x1f, 0x40, 1, 2, 0], TRY_END: Bytes = [END, END];
/** Takes a branch outwards with local 1 changed, so that every edge has a value of its own. */
const BRANCH: Bytes = [0x23, 0, 0x22, 1, 0x0d, 0], KEEP: Bytes = [0x20, 1, 0x24, 1];

function thousandResults(calls: number): Bomb {
  const thousand = Array<number>(1000).fill(I64);
  return {
    types: [funcType([], []), funcType([], thousand), funcType(thousand, thousand)],
    code: join([CALL, repeat(calls, () => [0x10, 2]), Array(1000).fill(DROP)]),
    helper: { type: 1, code: repeat(1000, () => [0x42, 0]) },
  };
}

/** Named after what is in excess. */
export const BOMBS: Readonly<Record<string, () => Bomb>> = {
  "49,000 locals and 10,000 branches": () => ({
    locals: [[49_000, I32]],
    code: repeat(10_000, () => [0x41, 0, 0x0d, 0]),
  }),
  "49,000 locals and 200,000 calls": () => ({ locals: [[49_000, I32]], code: repeat(200_000, () => CALL) }),
  "49,000 locals and 50,000 table.get": () => ({
    locals: [[49_000, I32]],
    tables: [[0x70, 0, 1]],
    code: repeat(50_000, () => [0x41, 0, 0x25, 0, DROP]),
  }),
  "20,000 operands and 20,000 ifs": () => ({
    code: join([
      repeat(20_000, () => [0x41, 0]),
      repeat(20_000, () => [0x41, 0, 0x04, 0x40, END]),
      Array(20_000).fill(DROP),
    ]),
  }),
  "20,000 operands and 20,000 loops": () => ({
    code: join([
      repeat(20_000, () => [0x41, 0]),
      repeat(20_000, () => [0x03, 0x40, END]),
      Array(20_000).fill(DROP),
    ]),
  }),
  "100,000 operands and 60,000 spills": () => ({
    locals: [[40, I32]],
    code: join([
      repeat(100_000, () => [0x41, 0]),
      repeat(30_000, (i) => [0x20, i % 40, 0x45, 0x21, (i + 1) % 40]),
      Array(100_000).fill(DROP),
    ]),
  }),
  "5,000 calls of 1,000 parameters and results": () => thousandResults(5000),
  "60,000 catch clauses": () => ({
    tags: TAGS,
    code: join([[0x02, 0x40, 0x1f, 0x40], leb(60_000), repeat(60_000, () => [0, 0, 0]), CALL, TRY_END]),
  }),
  "20,000 old catch clauses": () => ({
    tags: TAGS,
    code: join([[0x06, 0x40], CALL, repeat(20_000, () => [0x07, 0]), [END]]),
  }),
  "66,000 calls in one try": () => ({ tags: TAGS, code: join([TRY, repeat(66_000, () => CALL), TRY_END]) }),
  "30,000 calls in one try": () => ({ tags: TAGS, code: join([TRY, repeat(30_000, () => CALL), TRY_END]) }),
  "66,000 calls in one old try": () => ({
    tags: TAGS,
    code: join([[0x06, 0x40], repeat(66_000, () => CALL), [0x19, END]]),
  }),
  "66,000 growths in one try": () => ({
    tags: TAGS,
    memories: MEMORIES,
    code: join([TRY, repeat(66_000, () => [0x41, 0, 0x40, 0, DROP]), TRY_END]),
  }),
  "66,000 loops in one try": () => ({
    tags: TAGS,
    code: join([TRY, repeat(66_000, () => [0x03, 0x40, 0x20, 0, 0x0d, 0, END]), TRY_END]),
  }),
  "80,000 branches to one block": () => ({
    globals: GLOBALS,
    code: join([[0x02, 0x40], repeat(80_000, () => BRANCH), [END], KEEP]),
  }),
  "66,000 branches with a value": () => ({
    globals: GLOBALS,
    code: join([
      [0x02, I32, 0x41, 0],
      repeat(66_000, () => [DROP, 0x23, 0, 0x23, 0, 0x0d, 0]),
      [END, 0x24, 1],
    ]),
  }),
  "80,000 branches back to one loop": () => ({
    globals: GLOBALS,
    code: join([[0x03, 0x40], repeat(80_000, () => BRANCH), [END], KEEP]),
  }),
  "four br_table of 65,000 labels": () => ({
    globals: GLOBALS,
    code: join([
      [0x02, 0x40],
      repeat(
        4,
        () =>
          join([[0x20, 0, 0x04, 0x40, 0x23, 0, 0x21, 1, 0x23, 0, 0x0e], leb(65_000), Array(65_001).fill(1), [
            END,
          ]]),
      ),
      [END],
      KEEP,
    ]),
  }),
  "20,000 loops in a row": () => ({ code: repeat(20_000, () => [0x03, 0x40, 0x20, 0, 0x0d, 0, END]) }),
  "60,000 loops in a row": () => ({ code: repeat(60_000, () => [0x03, 0x40, 0x20, 0, 0x0d, 0, END]) }),
  "10,000 nested loops": () => ({
    code: join([repeat(10_000, () => [0x03, 0x40]), repeat(10_000, () => [0x20, 0, 0x0d, 0, END])]),
  }),
  "20,000 nested loops left to the outermost": () => ({
    code: join([
      repeat(20_000, () => [0x03, 0x40]),
      repeat(20_000, (i) => [0x20, 0, 0x0d, ...leb(19_999 - i), END]),
    ]),
  }),
  "100,000 nested blocks": () => ({
    code: join([repeat(100_000, () => [0x02, 0x40]), Array(100_000).fill(END)]),
  }),
  "60,000 nested ifs": () => ({
    code: join([repeat(60_000, () => [0x20, 0, 0x04, 0x40]), Array(60_000).fill(END)]),
  }),
  "80,000 calls through a table": () => ({
    tables: [[0x70, 0, 1]],
    elements: [[0, 0x41, 0, END, 1, 1]],
    code: repeat(80_000, () => [0x41, 0, 0x11, 0, 0]),
  }),
  "200,000 calls in a module with a tag": () => ({ tags: TAGS, code: repeat(200_000, () => CALL) }),
  "20,000 nested try_tables": () => ({
    tags: TAGS,
    code: join([
      repeat(20_000, () => [0x02, 0x40, 0x1f, 0x40, 1, 0, 0, 0]),
      CALL,
      repeat(20_000, () => TRY_END),
    ]),
  }),
  "30,000 try_tables in a row": () => ({
    tags: TAGS,
    code: repeat(30_000, () => join([TRY, CALL, TRY_END])),
  }),
  "1,200 locals that change in 1,000 nested loops": () => ({
    locals: [[1200, I32]],
    code: join([
      repeat(1000, () => [0x03, 0x40]),
      repeat(1200, (i) => join([[0x20], leb(i), [0x41, 1, 0x6a, 0x21], leb(i)])),
      repeat(1000, () => [0x41, 0, 0x0d, 0, END]),
    ]),
  }),
  "20,000 values kept over 20,000 calls": () => {
    const store = (i: number): Bytes => join([[0x41, 0, 0x20, 0, 0x41], sleb(i + 3), [0x6c, 0x36, 2, 0]]);
    return {
      memories: MEMORIES,
      code: join([repeat(20_000, store), repeat(20_000, () => CALL), repeat(20_000, store)]),
    };
  },
  "512 KB of loads": () => ({
    memories: MEMORIES,
    code: repeat(74_000, () => [0x20, 0, 0x28, 2, 0, 0x21, 0]),
  }),
  "a function of 2.4 MB": () => ({ code: Array(2_400_000).fill(0x01) }),
  "a function of 7.6 MB": () => ({ code: Array(7_600_000).fill(0x01) }),
};

/** The module: function 0 is the bomb, function 1 its helper, `run` calls the bomb for ever. */
export function bombModule(
  { code, locals = [[4, I32]], types, helper, ...parts }: Bomb,
): Uint8Array<ArrayBuffer> {
  const all = types ?? [funcType([], [])];
  const identity = all.length > 2 ? [{ type: 2, code: repeat(1000, (i) => join([[0x20], leb(i)])) }] : [];
  const functions = [{ type: 0, code, locals }, helper ?? { type: 0, code: [] }, ...identity];
  return wasmModule({
    ...parts,
    types: all,
    functions: [...functions, { type: 0, code: [0x03, 0x40, 0x10, 0, 0x0c, 0, END], name: "run" }],
  });
}

/** Milliseconds that the call may take. */
export const TIMEOUT = 400;

/** MiB of resident memory that it all may take: what takes more ends there, since V8 would go on. */
export const MOST_MEMORY = 1200;

async function report(bytes: Uint8Array): Promise<Report> {
  await using runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: TIMEOUT });
  await using sandbox = await runtime.sandbox().build();
  let memory = residentMemory();
  const watch = setInterval(() => {
    memory = Math.max(memory, residentMemory());
    if (memory < MOST_MEMORY) return;
    console.error(`Fatal: it took ${memory} MiB`);
    Deno.exit(1);
  }, 20);
  try {
    const started = performance.now(), waited = delaySoFar();
    try {
      await sandbox.loadModule(await runtime.loadBytes(bytes));
    } catch (error) {
      const end = error instanceof AegisError ? error.code : String(error);
      const load = performance.now() - started;
      return { end, load, late: 0, background: 0, delay: delaySoFar() - waited, memory };
    }
    const loaded = performance.now();
    const end = wordsOf(await sandbox.tryCall("run")), late = performance.now() - loaded - TIMEOUT;
    await sleep(1000);
    const before = cpuTime();
    await sleep(600);
    const background = cpuTime() - before, delay = delaySoFar() - waited;
    return { end, load: loaded - started, late, background, delay, memory };
  } finally {
    clearInterval(watch);
  }
}

if (import.meta.main) {
  const make = BOMBS[Deno.args[0] ?? ""];
  if (make === undefined) throw new Error(`No bomb ${Deno.args[0]}`);
  console.log(JSON.stringify(await report(bombModule(make()))));
  Deno.exit(0);
}
