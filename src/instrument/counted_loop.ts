/**
 * The code around a loop that is charged by its counter:
 *
 *     loop                                 ours
 *       if too much is owed, pay
 *       start = counter
 *       bound = limit, or nearer, so that at most `most` iterations are made
 *       loop … end                         the guest's, compared with bound instead of limit
 *       owed += (counter - start) / step × units
 *       br_if 0 while counter compares with limit as before
 *     end
 *
 * The guest's loop goes on while the counter is not the bound, which it reaches after a known number of steps. What comes
 * then is decided by the guest's own comparison with the limit, so nothing has to be known about wrapping around.
 */
import { CODE, i32Const, indexed } from "./code.ts";
import type { CodeWriter } from "./code_writer.ts";
import type { MeteredCount } from "../analysis/counted_loops.ts";
import { op } from "../wasm/opcodes.ts";

const INCLUSIVE: ReadonlySet<number> = new Set(["i32.le_s", "i32.le_u", "i32.ge_s", "i32.ge_u"].map(op));

/** Locals that are added to the function. */
export interface CountLocals {
  readonly start: number;
  readonly bound: number;
  readonly owed: number;
}

function pushLimit(writer: CodeWriter, { limit }: MeteredCount): void {
  if (limit.kind === "local") indexed(writer, CODE.localGet, limit.value);
  else i32Const(writer, limit.value);
}

/** Pushes how far `to` is from `from` in the direction of the steps: unsigned. */
function pushDistance(
  writer: CodeWriter,
  loop: MeteredCount,
  ends: { from: () => void; to: () => void },
): void {
  const up = loop.step > 0;
  (up ? ends.to : ends.from)();
  (up ? ends.from : ends.to)();
  writer.u8(CODE.i32Sub);
}

function divideByStep(writer: CodeWriter, { step }: MeteredCount): void {
  const size = Math.abs(step);
  if (size === 1) return;
  i32Const(writer, size);
  writer.u8(CODE.i32DivU);
}

/** Sets start and bound. */
export function beginCount(writer: CodeWriter, loop: MeteredCount, locals: CountLocals): void {
  const counter = () => indexed(writer, CODE.localGet, loop.counter), limit = () => pushLimit(writer, loop);
  counter();
  indexed(writer, CODE.localSet, locals.start);
  if (loop.compare === CODE.i32Ne) {
    // The number of steps to the limit, huge if it is never reached: if that is at most `most`, the limit stays.
    limit();
    counter();
    i32Const(writer, loop.most * loop.step);
    writer.u8(CODE.i32Add);
    pushDistance(writer, loop, { from: counter, to: limit });
    i32Const(writer, Math.log2(Math.abs(loop.step)));
    writer.u8(CODE.i32Rotr);
    if (loop.tested === "after") { // 0 steps are as many as can be: the first is taken before anything is compared
      i32Const(writer, 1);
      writer.u8(CODE.i32Sub);
    }
    i32Const(writer, loop.most);
    writer.u8(CODE.i32LtU);
    writer.u8(CODE.select);
  } else {
    // counter + n × step, where n is what is left, at most `most`. Compared by `!=`, so that it ends the round even where
    // the last step wraps around: what comes then is for the comparison with the limit to say.
    const size = Math.abs(loop.step), inclusive = INCLUSIVE.has(loop.compare);
    counter();
    i32Const(writer, loop.most);
    pushDistance(writer, loop, { from: counter, to: limit });
    if (!inclusive && size > 1) {
      i32Const(writer, size - 1);
      writer.u8(CODE.i32Add);
    }
    divideByStep(writer, loop);
    if (inclusive) {
      i32Const(writer, 1);
      writer.u8(CODE.i32Add);
    }
    pushDistance(writer, loop, { from: counter, to: limit });
    i32Const(writer, (loop.most - 1) * size);
    writer.u8(CODE.i32GtU);
    writer.u8(CODE.select);
    i32Const(writer, loop.tested === "before" ? 0 : 1);
    counter();
    limit();
    writer.u8(loop.compare);
    writer.u8(CODE.select);
    i32Const(writer, loop.step);
    writer.u8(CODE.i32Mul);
    writer.u8(CODE.i32Add);
  }
  indexed(writer, CODE.localSet, locals.bound);
}

/** Writes what stands in the place of the limit in the loop's comparison. */
export function writeNearerLimit(writer: CodeWriter, loop: MeteredCount, locals: CountLocals): void {
  indexed(writer, CODE.localGet, locals.bound);
  if (loop.swapped) indexed(writer, CODE.localGet, loop.counter);
  if (loop.compare !== CODE.i32Ne || loop.limitFrom === loop.limitTo) writer.u8(CODE.i32Ne);
}

/** Adds what the iterations since the start cost, and `more` units, to what is owed. */
export function chargeCount(
  writer: CodeWriter,
  loop: MeteredCount,
  locals: CountLocals & { more: number },
): void {
  indexed(writer, CODE.localGet, locals.owed);
  pushDistance(writer, loop, {
    from: () => indexed(writer, CODE.localGet, locals.start),
    to: () => indexed(writer, CODE.localGet, loop.counter),
  });
  divideByStep(writer, loop);
  if (loop.units !== 1) {
    i32Const(writer, loop.units);
    writer.u8(CODE.i32Mul);
  }
  writer.u8(CODE.i32Add);
  if (locals.more !== 0) {
    i32Const(writer, locals.more);
    writer.u8(CODE.i32Add);
  }
  indexed(writer, CODE.localSet, locals.owed);
}

/** Charges the iterations, and goes on where the bound was nearer than the limit. */
export function endCount(writer: CodeWriter, loop: MeteredCount, locals: CountLocals): void {
  chargeCount(writer, loop, { ...locals, more: 0 });
  indexed(writer, CODE.localGet, loop.counter);
  pushLimit(writer, loop);
  writer.u8(loop.compare);
  writer.unlikelyBranch(CODE.brIf);
  writer.u32(0);
}
