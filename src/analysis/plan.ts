/**
 * Where fuel is charged and what else must happen at which instruction: the plan that both engines follow, so that
 * their counts agree. One for a module, in dense arrays, since a large module has millions of sites.
 *
 * A **region** is a set of straight-line pieces of code that run equally often: the code after a block belongs to
 * the region before it unless something inside leaves the block for further out. Its whole cost is charged at its
 * start, by one site.
 *
 * What is charged is **owed** at first: it is added up in a local, which direct calls pass on and get back, and paid when
 * more than {@linkcode MOST_OWED} are owed and where code is called or returned to that knows nothing of it. So memory is
 * touched once in thousands of units. When a call returns to the host, fuel is the exact sum over the executed
 * instructions; when it traps, what was owed then is not counted.
 */
import type { CallGraph } from "./call_graph.ts";
import type { MeteredCount } from "./counted_loops.ts";

export const SITE = {
  none: 0,
  /** Charge `cost`. */
  charge: 1,
  /** Charge `cost`, then pay if too much is owed: function entries and loop headers. */
  test: 2,
  /** Before return and the tail calls. */
  leave: 3,
  /** An exception may have ended frames below this one: first instruction of a handler. */
  handler: 4,
  /** The instruction at this offset grows a memory or a table. */
  grow: 5,
  /** The instruction at this offset is a bulk operation on a memory or a table. */
  bulk: 6,
  /** The array instruction at this offset has its length on top of the stack. */
  array: 7,
  /** Before a loop instruction. `cost` is the loop's number. */
  loop: 8,
  /** After the end of a loop. `cost` is its number. */
  loopEnd: 9,
  /** The instruction at this offset throws. */
  throw: 10,
  /**
   * The instruction at this offset throws, or calls something that never returns, from within a loop. `cost` is 1 more than
   * the number of the counted loop around it, 0 if there is none. Other sites at this offset come behind.
   */
  exit: 11,
  /** The branch at this offset leaves its innermost loop; `cost` is the number of labels that are inside of it. */
  branch: 12,
  /** The instruction before this offset may have given a NaN; `cost` is the shape, of `NAN_SHAPES`. */
  canonical: 13,
  /** The instruction at this offset is a call; `cost` is its place in `callees`, -1 for a function that is not known. */
  call: 14,
} as const;

/** Bits beside the kind of a site. */
export const SITE_FLAGS = {
  kind: 0x0f,
  /** On a test at a loop header: a catch clause branches to it. */
  handler: 0x10,
  /** On a call: the site before is one, too, and whenever that call was made, this one is. */
  again: 0x20,
  /** The site's innermost loop stands in another of ours, so that the way to the hook is not a part of it. */
  wrapped: 0x40,
  /** On a test at a loop header: what is owed is paid, untested, somewhere in the loop, so the counter is tested, too. */
  settles: 0x80,
} as const;

/** Units that may be owed before they are paid. The figure is a compromise: see RATIONALE.md. */
export const MOST_OWED = 4096;

/** Facts about function bodies that are needed before any body is rewritten. */
export const FUNCTION_FLAGS = {
  /** Calls through a table or a reference, or calls an import: may reach any function whose address is taken. */
  callsUnknown: 1,
  /** Catches exceptions. */
  hasHandler: 2,
  /** Has an `array` site. */
  hasArray: 4,
  /** A catch clause leads to the function's own label. */
  catchesToEnd: 8,
  /** Holds something that takes a test, or that must find the counter right: it cannot be light. */
  heavy: 16,
  /** Adds up what it owes. */
  owes: 32,
  /** Has a loop that is charged by its counter. */
  counts: 128,
  /** Something branches to the function's own label. */
  branchesToEnd: 64,
  /** Has a `canonical` site of a shape: these bits, moved by the number of the shape. */
  canonical: 0x100,
  tailCalls: 0x1000,
  /** Tested where it ends, too: much can be charged behind a call that leads back to it. */
  testsEnd: 0x2000,
  /** Its entry function is. */
  testsEntryEnd: 0x4000,
} as const;

/** The plan of a module. Sites are in the order of their offsets; site offsets are absolute. */
export interface ModulePlan extends CallFacts {
  readonly siteCount: number;
  readonly siteOffset: Uint32Array;
  readonly siteKind: Uint8Array;
  readonly siteCost: Float64Array;
  /** First site of each body; one more entry at the end. */
  readonly bodySites: Uint32Array;
  readonly graph: CallGraph;
  /** By body: values of `LIGHT` in `light_functions.ts`. */
  readonly light: Uint8Array;
  /** By body: bits of `PASS` in `passed_counters.ts`. */
  readonly passed: Uint8Array;
  /** Whether exceptions can pass through this module's frames: then a call may not come back. */
  readonly throws: boolean;
  /** By body: the site at which it is tested and counts its frame, if it does. */
  readonly entrySite: Int32Array;
  /** Units of a function's entry that its direct callers are charged for, by body. */
  readonly chargedAtCallers: Float64Array;
  /** Largest sum of argument and result bytes of one call, by body. */
  readonly callBytes: Uint32Array;
  /** 1 for bodies to which a direct tail call leads. */
  readonly tailCalled: Uint8Array;
  readonly compile: CompileFacts;
  /** Loops that are charged by their counters, by number. */
  readonly counted: ReadonlyMap<number, MeteredCount>;
}

/** Who calls whom directly. */
export interface CallFacts {
  /** Bits of {@linkcode FUNCTION_FLAGS} for each body. */
  readonly flags: Uint16Array;
  /** Functions called directly, by body: `callees[bodyCallees[i]] … callees[bodyCallees[i + 1] - 1]`. */
  readonly callees: Int32Array;
  readonly bodyCallees: Uint32Array;
}

/** What V8's compile time depends on, by body: see `compile_cost.ts`. */
export interface CompileFacts {
  /** Branches, block ends and br_table targets, those that instrumentation adds included. */
  readonly branchPoints: Uint32Array;
  /** Sum over the calls of their results. */
  readonly callResults: Float64Array;
  /** Sum over the calls of the squares of their results. */
  readonly callResultSquares: Float64Array;
  /** Catch clauses. */
  readonly clauses: Uint32Array;
  /** Sum over the throws of the 64-bit words of what they carry. */
  readonly payloadWords: Float64Array;
  readonly loops: Uint32Array;
  /** Direct calls, and operations that become calls. */
  readonly calls: Uint32Array;
  /** Calls through tables and references, and of imports. */
  readonly unknownCalls: Uint32Array;
  /** Sum over the branches of the loops that each leaves. */
  readonly loopExits: Float64Array;
  /** Sum over the labels, and the handlers of each try, of the square of the edges that lead there; tables weigh less. */
  readonly mergeSquares: Float64Array;
}

/** A fact of {@linkcode CompileFacts}. */
export type CompileFact = keyof CompileFacts;
