/**
 * Who works for whom: a host function that waits for the sandbox that is calling it would wait for ever, also when it does
 * so after an `await`, or by way of another sandbox.
 */
import type { AsyncLocalStorage } from "node:async_hooks";
import { isThenable } from "../core/thenable.ts";

/** Some work for an owner, and the work in which it was begun. */
interface Frame {
  /** Undefined once the work has ended: what it has started, and left alone, may wait for the owner, and keeps nothing of it. */
  owner: object | undefined;
  below: Frame | undefined;
}

let frames: AsyncLocalStorage<Frame> | undefined;
let loading: Promise<void> | undefined;

/** Loads what remembers frames, which takes a third of the time that Deno needs to start: while a guest's thread starts. */
export function loadHostStack(): Promise<void> {
  return loading ??= import("node:async_hooks").then((module) => {
    frames = new module.AsyncLocalStorage();
  });
}

/**
 * Does some work for an owner; it lasts until what it returns is settled. What can be awaited becomes a promise. Only once
 * {@linkcode loadHostStack} has ended.
 */
export function workFor<Result>(owner: object, work: () => Result): Result {
  if (frames === undefined) throw new Error("There is nothing yet that remembers who works for whom");
  const frame: Frame = { owner, below: unended(frames.getStore()) };
  const end = () => void (frame.owner = undefined);
  try {
    const result = frames.run(frame, () => {
      const returned = work();
      // `as`: who awaits the one or the other sees no difference.
      return isThenable(returned) ? Promise.resolve(returned) as Result : returned;
    });
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
  for (let frame = unended(frames?.getStore()); frame !== undefined; frame = frame.below) {
    if (frame.owner === owner) return true;
    frame.below = unended(frame.below); // a chain of those that have ended would grow without end
  }
  return false;
}

/** The frame, or the next one below that has not ended. */
function unended(frame: Frame | undefined): Frame | undefined {
  while (frame !== undefined && frame.owner === undefined) frame = frame.below;
  return frame;
}
