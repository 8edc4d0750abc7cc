/** Whether a value can be awaited. */
export function isThenable<Value>(value: unknown): value is PromiseLike<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
