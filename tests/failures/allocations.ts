/** Memory that is not there: of what asks for much of it, in a Worker of ours or on the host's thread, one thing fails. */
import { type Fault, PLANTED, replaced } from "./sweep.ts";

/** Bytes, elements, from which a request counts. */
const LARGE = 1024;

const TYPED = ["Uint8Array", "Int32Array", "Uint32Array", "BigInt64Array", "Float64Array"] as const;

/**
 * Code that has a Worker count what it asks for in the first of `shared`, and fail at the number in the second. What a module
 * brings itself is asked for when it is instantiated.
 */
export const FAILING_ALLOCATIONS = `
  const count = () => {
    if (Atomics.add(shared, 0, 1) + 1 === shared[1]) throw new RangeError("${PLANTED}: out of memory");
  };
  const wrap = (holder, name, counts = () => true) => {
    holder[name] = new Proxy(holder[name], {
      construct: (real, given, made) => (counts(given[0]) && count(), Reflect.construct(real, given, made)),
      apply: (real, self, given) => (counts(given[0]) && count(), Reflect.apply(real, self, given)),
    });
  };
  const large = (size) => typeof size === "number" && size >= ${LARGE};
  for (const name of ${
  JSON.stringify(["ArrayBuffer", "SharedArrayBuffer", ...TYPED])
}) wrap(globalThis, name, large);
  for (const name of ["Memory", "Table", "Instance", "Module"]) wrap(WebAssembly, name);
  for (const name of ["compile", "instantiate"]) wrap(WebAssembly, name);
  wrap(WebAssembly.Memory.prototype, "grow");
  wrap(WebAssembly.Table.prototype, "grow");
  wrap(SharedArrayBuffer.prototype, "grow");
  wrap(ArrayBuffer.prototype, "resize");
`;

/** The same on this thread, for buffers. */
export function failingAllocations(fault: Fault): Disposable {
  const stack = new DisposableStack();
  const large = (size: unknown) => typeof size === "number" && size >= LARGE;
  const failing = <Real extends object>(real: Real) =>
    new Proxy(real, {
      construct: (target, given, made) => {
        if (large(given[0]) && fault.hit()) throw new RangeError(`${PLANTED}: out of memory`);
        return Reflect.construct(target as unknown as new () => object, given, made); // a constructor, as those below are
      },
    });
  for (const name of ["ArrayBuffer", "SharedArrayBuffer", ...TYPED] as const) {
    stack.use(replaced(globalThis, name, failing));
  }
  return stack;
}
