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
import type { ByteRange, FunctionBody, Module } from "../wasm/module.ts";
import { op } from "../wasm/opcodes.ts";
import type { FunctionObserver } from "../wasm/validate/function_observer.ts";
import { BlockWalk, type ClosedLoop } from "./block_walk.ts";
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

/** Surveys the code while the validator, or somebody else who knows it to be valid, goes through it. */
export class CodeSurveyor implements FunctionObserver {
  readonly #module: Module;
  readonly #imported: number;
  readonly #callees = new Column();
  readonly #importCalls = new Column();
  readonly #bodyCallees: Uint32Array;
  readonly #bodyImportCalls: Uint32Array;
  readonly #callsIndirectly: Uint8Array;
  readonly #addressTaken: Uint8Array;
  readonly #uncounted = new Counter();
  readonly #endless = new Counter();
  readonly #hashLike = new Counter();
  readonly #finder: CountedLoopFinder;
  readonly #tally = new CodeFactsTally();
  readonly #blocks = new BlockWalk();
  readonly #bound: CompileBound;
  /** By {@linkcode WORKS}, in the body so far. */
  readonly #work = new Int32Array(4);
  #functionIndex = 0;
  #code = 0;
  #hashesInside = false;
  /** Past the last branch of the body. */
  #lastBranch = -1;
  #indirectCalls = 0;
  #loops = 0;
  #deepest = NOWHERE;
  #widestTable = NOWHERE;
  #surveyed = 0;

  constructor(module: Module) {
    const bodies = module.bodies.length;
    this.#module = module;
    this.#imported = module.imported.function;
    this.#bodyCallees = new Uint32Array(bodies + 1);
    this.#bodyImportCalls = new Uint32Array(bodies + 1);
    this.#callsIndirectly = new Uint8Array(bodies);
    this.#addressTaken = new Uint8Array(module.functions.length);
    this.#finder = new CountedLoopFinder(module);
    this.#bound = new CompileBound(module);
  }

  /** Whether all bodies were seen to their ends. */
  get isComplete(): boolean {
    return this.#surveyed === this.#module.bodies.length;
  }

  /** What compiling the bodies costs at most. */
  get bound(): CompileFacts {
    return this.#bound.facts;
  }

  begin(functionIndex: number, { code }: FunctionBody): void {
    this.#functionIndex = functionIndex;
    this.#code = code;
    this.#hashesInside = false;
    this.#lastBranch = -1;
    this.#work.fill(0);
    this.#blocks.begin(code);
    this.#bound.begin();
  }

  /** Takes the instruction that a reader is at. What proves invalid afterwards does no harm. */
  instruction(reader: InstructionReader): void {
    const { key } = reader, group = WORK[key] ?? WORKS.none, work = this.#work;
    if (group !== WORKS.none) work[group] = (work[group] ?? 0) + 1;
    else if (FLOW[key] !== FLOWS.none) this.#pass(reader, FLOW[key] ?? FLOWS.none);
  }

  end(functionIndex: number): void {
    const place = functionIndex - this.#imported, { deepest: figure } = this.#blocks, offset = this.#code;
    if (!this.#hashesInside && isHashLike(workSince(this.#work))) this.#hashLike.add(functionIndex, offset);
    if (figure > this.#deepest.figure) this.#deepest = { functionIndex, offset, figure };
    this.#bound.finish(place);
    this.#bodyCallees[place + 1] = this.#callees.length;
    this.#bodyImportCalls[place + 1] = this.#importCalls.length;
    this.#surveyed++;
  }

  /** What all bodies gave. */
  finish(): CodeSurvey {
    const addressTaken = this.#addressTaken;
    takeOutside(this.#module, addressTaken);
    return {
      facts: this.#tally.facts,
      compile: this.#bound.facts,
      flags: new Uint16Array(this.#module.bodies.length),
      callees: this.#callees.values.subarray(0, this.#callees.length),
      bodyCallees: this.#bodyCallees,
      importCalls: this.#importCalls.values.subarray(0, this.#importCalls.length),
      bodyImportCalls: this.#bodyImportCalls,
      callsIndirectly: this.#callsIndirectly,
      indirectCalls: this.#indirectCalls,
      addressTaken,
      loops: this.#loops,
      uncounted: this.#uncounted,
      endless: this.#endless,
      hashLike: this.#hashLike,
      deepest: this.#deepest,
      widestTable: this.#widestTable,
    };
  }

  #pass(reader: InstructionReader, flow: number): void {
    const blocks = this.#blocks;
    this.#bound.pass(reader);
    switch (flow) {
      case FLOWS.bulk:
        this.#work[WORKS.other] = (this.#work[WORKS.other] ?? 0) + 1;
        return;
      case FLOWS.call:
        blocks.mayLeave();
        return this.#call(reader.index);
      case FLOWS.tailCall:
        blocks.leaves();
        return this.#call(reader.index);
      case FLOWS.indirect:
      case FLOWS.indirectTail:
        if (flow === FLOWS.indirectTail) blocks.leaves();
        else blocks.mayLeave();
        this.#tally.add(reader, this.#functionIndex);
        this.#callsIndirectly[this.#functionIndex - this.#imported] = 1;
        this.#indirectCalls++;
        return;
      case FLOWS.address:
        this.#addressTaken[reader.index] = 1;
        return;
      case FLOWS.watched:
        return this.#tally.add(reader, this.#functionIndex);
      case FLOWS.loop:
        blocks.open(reader.offset, this.#work);
        this.#loops++;
        return;
      case FLOWS.block:
      case FLOWS.if:
      case FLOWS.try:
        blocks.open(reader.offset, undefined, flow !== FLOWS.block);
        if (flow === FLOWS.try) blocks.mayLeave();
        return;
      case FLOWS.divide:
        return blocks.divide();
      case FLOWS.branch:
      case FLOWS.branchIf:
        blocks.branch(reader.index);
        if (flow === FLOWS.branch) blocks.die();
        this.#lastBranch = reader.end;
        return;
      case FLOWS.table:
        for (let at = 0; at < reader.labelCount; at++) blocks.branch(reader.labels[at] ?? 0);
        blocks.die();
        if (reader.labelCount > this.#widestTable.figure) {
          const { offset, labelCount: figure } = reader;
          this.#widestTable = { functionIndex: this.#functionIndex, offset, figure };
        }
        return;
      case FLOWS.leave:
        return blocks.leaves();
      case FLOWS.end: {
        const loop = blocks.close();
        if (loop !== undefined) this.#endLoop(loop, reader);
      }
    }
  }

  #call(index: number): void {
    if (index < this.#imported) this.#importCalls.push(index);
    else this.#callees.push(index);
  }

  #endLoop({ offset, height, staysIn, mayCount }: ClosedLoop, reader: InstructionReader): void {
    const functionIndex = this.#functionIndex;
    if (staysIn) this.#endless.add(functionIndex, offset);
    // Loops that count end in a branch, or in a branch and the end of a block; few others are looked at.
    const isLooked = mayCount && height < HIGHEST_COUNTED && this.#lastBranch >= reader.offset - 1;
    if (!isLooked || this.#finder.find(offset, reader.end) === undefined) {
      this.#uncounted.add(functionIndex, offset);
    }
    if (height === 0 && isHashLike(workSince(this.#work, this.#blocks.before))) {
      this.#hashLike.add(functionIndex, offset);
      this.#hashesInside = true;
    }
  }
}

/** Goes over the code. The module has to be valid. */
export function surveyCode(module: Module): CodeSurvey {
  const surveyor = new CodeSurveyor(module), reader = new InstructionReader(module.bytes);
  for (const [place, body] of module.bodies.entries()) {
    const functionIndex = module.imported.function + place;
    surveyor.begin(functionIndex, body);
    reader.reset(body.code, body.end);
    while (reader.next()) surveyor.instruction(reader);
    surveyor.end(functionIndex);
  }
  return surveyor.finish();
}

const NO_WORK: ArrayLike<number> = [];

function workSince(now: ArrayLike<number>, before: ArrayLike<number> = NO_WORK): Work {
  const [xors, shifts, sums, other] = [WORKS.xor, WORKS.shift, WORKS.sum, WORKS.other].map((group) =>
    (now[group] ?? 0) - (before[group] ?? 0)
  ) as [number, number, number, number]; // as many as were asked for
  return { all: xors + shifts + sums + other, xors, shifts, sums };
}

/** Marks the functions whose address is taken outside of the code. */
function takeOutside(module: Module, taken: Uint8Array): void {
  const refFunc = op("ref.func");
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
}
