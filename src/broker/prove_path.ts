/**
 * Whether what was opened is what the path led to: between looking and opening, somebody outside of this process may have put
 * a link in the way (inside of it, the path lock is held). There is no way to open a name in a directory that is open, so the
 * path is walked again, and both walks and the open file must agree.
 *
 * A swap changes the directory in which it happens, and when that was cannot be set. So where no directory on the way has been
 * changed lately, agreement is proof. Where one has, the path is walked some more times: an intruder would have to put
 * the link there and take it away again in time for each, within microseconds.
 */
import type { Clock } from "./clock.ts";
import { hostIdentity, sameIdentity } from "./identity.ts";
import type { FileSystem } from "./file_system.ts";
import { type Found, resolvePath, type Wanted } from "./resolve_path.ts";
import { OperationError } from "../protocol/operations.ts";

/** Milliseconds after which a change is not lately: the system gives whole seconds, and its clock ticks in 10 ms. */
const LATELY = 2000;

/** Walks where something was changed lately. */
const MORE_WALKS = 8;

/**
 * @param began milliseconds since 1970 before `found` was looked for
 * @throws {OperationError} `noent` when the path leads elsewhere by now
 */
export function provePath(
  found: Found,
  options: {
    readonly fs: FileSystem;
    readonly wanted: Wanted;
    readonly clock: Clock;
    readonly began: number;
  },
): void {
  const { fs, wanted, clock, began } = options;
  // A clock that was set back would make the past look like the future: then nothing is quiet.
  const quiet = Math.min(began, clock.wall()) - LATELY;
  for (let walks = 1; walks <= MORE_WALKS; walks++) {
    const again = resolvePath(fs, wanted);
    if (!isSame(found, again)) throw new OperationError("noent");
    if (again.changed <= quiet) return;
  }
}

/** Whether two walks have led to the same place. */
export function isSame(one: Found, other: Found): boolean {
  if (one.kind !== other.kind || one.names.length !== other.names.length) return false;
  if (!one.names.every((name, index) => name === other.names[index])) return false;
  if (one.stat === undefined || other.stat === undefined) return one.stat === other.stat;
  return sameIdentity(hostIdentity(one.stat), hostIdentity(other.stat));
}
