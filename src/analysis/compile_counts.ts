import type { CompileFact, CompileFacts } from "./plan.ts";

/** What V8's compile time depends on, counted while one body is walked. */
export class CompileCounts implements Record<CompileFact, number> {
  branchPoints = 0;
  callResults = 0;
  callResultSquares = 0;
  clauses = 0;
  payloadWords = 0;
  loops = 0;
  calls = 0;
  unknownCalls = 0;
  loopExits = 0;
  mergeSquares = 0;

  /** Writes down what was counted of a body, and begins with the next. */
  finish(body: number, facts: CompileFacts): void {
    facts.branchPoints[body] = this.branchPoints;
    facts.callResults[body] = this.callResults;
    facts.callResultSquares[body] = this.callResultSquares;
    facts.clauses[body] = this.clauses;
    facts.payloadWords[body] = this.payloadWords;
    facts.loops[body] = this.loops;
    facts.calls[body] = this.calls;
    facts.unknownCalls[body] = this.unknownCalls;
    facts.loopExits[body] = this.loopExits;
    facts.mergeSquares[body] = this.mergeSquares;
    this.branchPoints =
      this.callResults =
      this.callResultSquares =
      this.clauses =
      this.payloadWords =
      this.loops =
        0;
    this.calls =
      this.unknownCalls =
      this.loopExits =
      this.mergeSquares =
        0;
  }
}

/** Room for the facts of so many bodies. */
export function compileFacts(bodies: number): CompileFacts {
  return {
    branchPoints: new Uint32Array(bodies),
    callResults: new Float64Array(bodies),
    callResultSquares: new Float64Array(bodies),
    clauses: new Uint32Array(bodies),
    payloadWords: new Float64Array(bodies),
    loops: new Uint32Array(bodies),
    calls: new Uint32Array(bodies),
    unknownCalls: new Uint32Array(bodies),
    loopExits: new Float64Array(bodies),
    mergeSquares: new Float64Array(bodies),
  };
}
