/** Under this key, so that several copies of the library in one process find the same lock. */
const KEY = Symbol.for("aegis.path-lock.1");

/**
 * The lock that all file brokers of this process hold during a path operation, so that no guest can swap a path while
 * another one's is being checked: one i32, made when it is first asked for.
 */
export function processPathLock(): SharedArrayBuffer {
  const scope = globalThis as { [KEY]?: unknown }; // where the copies of the library meet
  const found = scope[KEY];
  if (found instanceof SharedArrayBuffer) return found;
  const made = new SharedArrayBuffer(4);
  Object.defineProperty(scope, KEY, { value: made, enumerable: false, writable: false, configurable: false });
  return made;
}
