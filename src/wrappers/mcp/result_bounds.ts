/** How large what is passed on may be: one bound for results of every kind, on the bytes that a client gets. */
import { CallFailed } from "./failure.ts";
import { boundsProblem } from "./json_bounds.ts";
import { jsonSize } from "./json_size.ts";

/** Looks at what a guest has returned, before anything is made of it. @throws {CallFailed} `InvalidResult` */
export function checkReturned(value: unknown, most: number): void {
  const problem = boundsProblem(value);
  if (problem !== undefined) {
    throw new CallFailed("InvalidResult", `The result cannot be passed on: ${problem}`);
  }
  checkSize(value, most);
}

/** Looks at what is about to be sent. @returns its bytes as JSON @throws {CallFailed} `InvalidResult` */
export function checkSize(value: unknown, most: number): number {
  const size = jsonSize(value, most);
  if (size <= most) return size;
  throw new CallFailed(
    "InvalidResult",
    `The result is larger than ${most} bytes, as JSON sends it`,
    "Ask for less.",
  );
}
