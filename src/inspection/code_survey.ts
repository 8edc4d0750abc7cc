/**
 * One pass over the code of a valid module: who calls whom, which loops there are and whether they end, how deep blocks
 * nest, and where the code is what hashes and ciphers are made of. Everything stands in dense arrays, so that a million
 * functions and as many calls are a matter of memory alone.
 */
import type { CallFacts, CompileFacts } from "../analysis/plan.ts";
import { Column } from "../analysis/column.ts";
import { CompileBound } from "../analysis/compile_bound.ts";
import { CountedLoopFinder } from "../analysis/counted_loops.ts";
import { InstructionReader } from "../wasm/instructions.ts";
import type { ByteRange, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import { BlockWalk } from "./block_walk.ts";
import { type CodeFacts, CodeFactsTally } from "./code_facts.ts";
import { FLOW, FLOWS, WORK, WORKS } from "./instruction_groups.ts";

/** Loops with this many loops inside of each other are not looked at as counted ones: each look costs their bytes. */
const HIGHEST_COUNTED = 4;

/** Work of a piece of code that may be called a hash's: fewer instructions are a checksum. */
const LEAST_HASH_WORK = 200;

/** A piece of code: a loop, or a function. */
export interface CodePlace {
  readonly functionIndex: number;
  readonly offset: number;
}

/** A function that is out of the ordinary, and the figure that makes it so. */
export interface Extreme extends CodePlace {
  readonly figure: number;
}

/** What a pass over the code gave. */
export interface CodeSurvey extends CallFacts {
  readonly facts: CodeFacts;
  /** What compiling it costs, at most. */
  readonly compile: CompileFacts;
  /** Indices of the imported functions that each body calls, in the form of `callees`. */
  readonly importCalls: Int32Array;
  readonly bodyImportCalls: Uint32Array;
  /** 1 for bodies that call through a table or a reference. */
  readonly callsIndirectly: Uint8Array;
  readonly indirectCalls: number;
  /** 1 for functions whose address is taken: by a segment, a global, a table or the code. */
  readonly addressTaken: Uint8Array;
  readonly loops: number;
  /** Loops that are not known to count. */
  readonly uncounted: Tally;
  /** Loops that nothing in them leads out of. */
  readonly endless: Tally;
  /** Loops and functions that are made of what hashes are made of. */
  readonly hashLike: Tally;
  readonly deepest: Extreme;
  readonly widestTable: Extreme;
}

/** How many there are, and the first of them. */
export interface Tally {
  readonly count: number;
  readonly first: readonly CodePlace[];
}

/** Places that a tally keeps. */
const MOST_PLACES = 5;

class Counter implements Tally {
  count = 0;
  readonly first: CodePlace[] = [];

  add(functionIndex: number, offset: number): void {
    this.count++;
    if (this.first.length < MOST_PLACES) this.first.push({ functionIndex, offset });
  }
}

const NOWHERE: Extreme = { functionIndex: 0, offset: 0, figure: 0 };

/**
 * Whether so much work is mostly that of a hash. The shares are those that tell SHA, BLAKE, Keccak and ChaCha, as
 * compilers write them, from all other code of the modules that the tests know.
 */
function isHashLike({ all, xors, shifts, sums }: Work): boolean {
  return all >= LEAST_HASH_WORK && xors * 8 >= all && shifts * 8 >= all &&
    (xors + shifts + sums) * 4 >= all * 3;
}

/** Counts of instructions that compute. */
interface Work {
  readonly all: number;
  readonly xors: number;
  readonly shifts: number;
  readonly sums: number;
}

/** Goes over the code. The module has to be valid. */
export function surveyCode(module: Module): CodeSurvey {
  const { bodies, imported } = module, bodyCount = bodies.length;
  const callees = new Column(), importCalls = new Column();
  const bodyCallees = new Uint32Array(bodyCount + 1), bodyImportCalls = new Uint32Array(bodyCount + 1);
  const callsIndirectly = new Uint8Array(bodyCount), addressTaken = takenOutside(module);
  const uncounted = new Counter(), endless = new Counter(), hashLike = new Counter();
  const reader = new InstructionReader(module.bytes), finder = new CountedLoopFinder(module);
  const tally = new CodeFactsTally(), blocks = new BlockWalk(), work = new Int32Array(4); // by WORKS
  const bound = new CompileBound(module);
  let indirectCalls = 0, loops = 0, lastBranch = -1, deepest = NOWHERE, widestTable = NOWHERE;

  for (let place = 0; place < bodyCount; place++) {
    const body = bodies[place];
    if (body === undefined) break;
    const functionIndex = imported.function + place;
    let hashesInside = false;
    work.fill(0);
    blocks.begin(body.code);
    bound.begin();
    reader.reset(body.code, body.end);
    while (reader.next()) {
      const { key } = reader, group = WORK[key] ?? WORKS.none;
      if (group !== WORKS.none) {
        work[group] = (work[group] ?? 0) + 1;
        continue;
      }
      const flow = FLOW[key] ?? FLOWS.none;
      if (flow === FLOWS.none) continue;
      bound.pass(reader);
      switch (flow) {
        case FLOWS.bulk:
          work[WORKS.other] = (work[WORKS.other] ?? 0) + 1;
          break;
        case FLOWS.call:
          blocks.mayLeave();
          if (reader.index < imported.function) importCalls.push(reader.index);
          else callees.push(reader.index);
          break;
        case FLOWS.tailCall:
          blocks.leaves();
          if (reader.index < imported.function) importCalls.push(reader.index);
          else callees.push(reader.index);
          break;
        case FLOWS.indirect:
        case FLOWS.indirectTail:
          if (flow === FLOWS.indirectTail) blocks.leaves();
          else blocks.mayLeave();
          tally.add(reader, functionIndex);
          callsIndirectly[place] = 1;
          indirectCalls++;
          break;
        case FLOWS.address:
          addressTaken[reader.index] = 1;
          break;
        case FLOWS.watched:
          tally.add(reader, functionIndex);
          break;
        case FLOWS.loop:
          blocks.open(reader.offset, work);
          loops++;
          break;
        case FLOWS.block:
        case FLOWS.if:
        case FLOWS.try:
          blocks.open(reader.offset, undefined, flow !== FLOWS.block);
          if (flow === FLOWS.try) blocks.mayLeave();
          break;
        case FLOWS.divide:
          blocks.divide();
          break;
        case FLOWS.branch:
          blocks.branch(reader.index);
          blocks.die();
          lastBranch = reader.end;
          break;
        case FLOWS.branchIf:
          blocks.branch(reader.index);
          lastBranch = reader.end;
          break;
        case FLOWS.table:
          for (let at = 0; at < reader.labelCount; at++) blocks.branch(reader.labels[at] ?? 0);
          blocks.die();
          if (reader.labelCount > widestTable.figure) {
            widestTable = { functionIndex, offset: reader.offset, figure: reader.labelCount };
          }
          break;
        case FLOWS.leave:
          blocks.leaves();
          break;
        case FLOWS.end: {
          const loop = blocks.close();
          if (loop === undefined) break;
          const { offset, height, staysIn, mayCount } = loop;
          if (staysIn) endless.add(functionIndex, offset);
          // Loops that count end in a branch, or in a branch and the end of a block; few others are looked at.
          const isLooked = mayCount && height < HIGHEST_COUNTED && lastBranch >= reader.offset - 1;
          if (!isLooked || finder.find(offset, reader.end) === undefined) {
            uncounted.add(functionIndex, offset);
          }
          if (height === 0 && isHashLike(workSince(work, blocks.before))) {
            hashLike.add(functionIndex, offset);
            hashesInside = true;
          }
        }
      }
    }
    if (!hashesInside && isHashLike(workSince(work))) hashLike.add(functionIndex, body.code);
    if (blocks.deepest > deepest.figure) {
      deepest = { functionIndex, offset: body.code, figure: blocks.deepest };
    }
    bound.finish(place);
    bodyCallees[place + 1] = callees.length;
    bodyImportCalls[place + 1] = importCalls.length;
  }
  return {
    facts: tally.facts,
    compile: bound.facts,
    flags: new Uint16Array(bodyCount),
    callees: callees.values.subarray(0, callees.length),
    bodyCallees,
    importCalls: importCalls.values.subarray(0, importCalls.length),
    bodyImportCalls,
    callsIndirectly,
    indirectCalls,
    addressTaken,
    loops,
    uncounted,
    endless,
    hashLike,
    deepest,
    widestTable,
  };
}

const NO_WORK: ArrayLike<number> = [];

function workSince(now: ArrayLike<number>, before: ArrayLike<number> = NO_WORK): Work {
  const [xors, shifts, sums, other] = [WORKS.xor, WORKS.shift, WORKS.sum, WORKS.other].map((group) =>
    (now[group] ?? 0) - (before[group] ?? 0)
  ) as [number, number, number, number]; // as many as were asked for
  return { all: xors + shifts + sums + other, xors, shifts, sums };
}

/** Functions whose address is taken outside of the code. */
function takenOutside(module: Module): Uint8Array {
  const taken = new Uint8Array(module.functions.length), refFunc = op("ref.func");
  const reader = new InstructionReader(module.bytes);
  const look = (range: ByteRange | undefined) => {
    if (range === undefined) return;
    reader.reset(range.start, range.end);
    while (reader.next()) if (reader.key === refFunc) taken[reader.index] = 1;
  };
  for (const { functions, expressions } of module.elements) {
    for (const index of functions ?? []) taken[index] = 1;
    for (const expression of expressions ?? []) look(expression);
  }
  for (const { init } of module.globals) look(init);
  for (const { init } of module.tables) look(init);
  return taken;
}
