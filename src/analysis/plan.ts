/**
 * Where fuel is charged and what else must happen at which instruction: the plan that both engines follow, so that
 * their counts agree. One for a module, in dense arrays, since a large module has millions of sites.
 *
 * A **region** is a set of straight-line pieces of code that run equally often: the code after a block belongs to
 * the region before it unless something inside leaves the block for further out. Its whole cost is charged at its
 * start, by one site. So, when a call returns, fuel is the exact sum over the executed instructions; when it traps
 * it is that of all regions that were begun.
 */
export const SITE = {
  /** Charge `cost`. */
  charge: 0,
  /** Charge `cost`, then refuel if the counter is below zero: function entries and loop headers. */
  test: 1,
  /** Before return and the tail calls: the frame ends here. */
  leave: 2,
  /** An exception may have ended frames below this one: first instruction of a handler. */
  handler: 3,
  /** The instruction at this offset grows a memory or a table. */
  grow: 4,
  /** The instruction at this offset is a bulk operation on a memory or a table. */
  bulk: 5,
  /** The array instruction at this offset has its length on top of the stack. */
  array: 6,
} as const;

/** Set on the kind of a `test` site at a loop header that a catch clause branches to. */
export const ALSO_HANDLER = 0x10;

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
} as const;

/** The plan of a module. Sites are in the order of their offsets; site offsets are absolute. */
export interface ModulePlan {
  readonly siteCount: number;
  readonly siteOffset: Uint32Array;
  readonly siteKind: Uint8Array;
  readonly siteCost: Float64Array;
  /** First site of each body; one more entry at the end. */
  readonly bodySites: Uint32Array;
  /** Bits of {@linkcode FUNCTION_FLAGS} for each body. */
  readonly flags: Uint8Array;
  /** Functions called directly, by body: `callees[bodyCallees[i]] … callees[bodyCallees[i + 1] - 1]`. */
  readonly callees: Uint32Array;
  readonly bodyCallees: Uint32Array;
  /** Largest sum of argument and result bytes of one call, by body. */
  readonly callBytes: Uint32Array;
  /** What V8's compile time depends on, by body: see `compile_cost.ts`. */
  readonly compile: {
    /** Branches, block ends and br_table targets, those that instrumentation adds included. */
    readonly branchPoints: Uint32Array;
    /** Sum over the calls of their results. */
    readonly callResults: Float64Array;
    /** Sum over the calls of the squares of their results. */
    readonly callResultSquares: Float64Array;
    /** Catch clauses. */
    readonly clauses: Uint32Array;
    readonly loops: Uint32Array;
    /** Direct calls, and operations that become calls. */
    readonly calls: Uint32Array;
    /** Calls through tables and references, and of imports. */
    readonly unknownCalls: Uint32Array;
    /** Sum over the branches of the loops that each leaves. */
    readonly loopExits: Float64Array;
    /** Sum over the labels, and the handlers of each try, of the square of the edges that lead there; tables weigh less. */
    readonly mergeSquares: Float64Array;
  };
}

/** Collects sites and callees while bodies are walked; arrays double as they fill. */
export class PlanBuilder {
  siteCount = 0;
  siteOffset: Uint32Array<ArrayBuffer> = new Uint32Array(1024);
  siteKind: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  siteCost: Float64Array<ArrayBuffer> = new Float64Array(1024);
  calleeCount = 0;
  callees: Uint32Array<ArrayBuffer> = new Uint32Array(256);

  /** Adds a site and returns its number. */
  site(kind: number, offset: number): number {
    const index = this.siteCount++;
    if (index === this.siteOffset.length) this.#growSites();
    this.siteOffset[index] = offset;
    this.siteKind[index] = kind;
    return index;
  }

  callee(functionIndex: number): void {
    if (this.calleeCount === this.callees.length) {
      const larger = new Uint32Array(this.callees.length * 2);
      larger.set(this.callees);
      this.callees = larger;
    }
    this.callees[this.calleeCount++] = functionIndex;
  }

  #growSites(): void {
    const size = this.siteOffset.length * 2;
    const offsets = new Uint32Array(size), kinds = new Uint8Array(size), costs = new Float64Array(size);
    offsets.set(this.siteOffset);
    kinds.set(this.siteKind);
    costs.set(this.siteCost);
    this.siteOffset = offsets;
    this.siteKind = kinds;
    this.siteCost = costs;
  }
}
