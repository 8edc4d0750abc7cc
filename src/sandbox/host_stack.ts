/**
 * Who works for whom: a host function that waits for the sandbox that is calling it would wait for ever, also when it does
 * so after an `await`, or by way of another sandbox.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** Some work for an owner, and the work in which it was begun. */
interface Frame {
  readonly owner: object;
  readonly below: Frame | undefined;
  /** Until the work has ended: what it has started, and left alone, may wait for the owner afterwards. */
  active: boolean;
}

const FRAMES = new AsyncLocalStorage<Frame>();

/** Does some work for an owner; it lasts until what it returns is settled. */
export function workFor<Result>(owner: object, work: () => Result): Result {
  const frame: Frame = { owner, below: FRAMES.getStore(), active: true };
  const end = () => void (frame.active = false);
  try {
    const result = FRAMES.run(frame, work);
    if (result instanceof Promise) result.then(end, end);
    else end();
    return result;
  } catch (error) {
    end();
    throw error;
  }
}

/** Whether whoever asks does some work for an owner, directly or not. */
export function worksFor(owner: object): boolean {
  for (let frame = FRAMES.getStore(); frame !== undefined; frame = frame.below) {
    if (frame.active && frame.owner === owner) return true;
  }
  return false;
}
