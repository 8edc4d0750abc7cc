/** What the benchmark measures: work on a bare and on a metered instance of one module. */
import type { ImportedFunction } from "../../src/guest/engine.ts";
import type { Subject } from "./compare.ts";
import { Metered } from "./metered.ts";
import { sizeOfProgram } from "./sections.ts";

/** Something to do with a module: a fixed amount of work, the same on every instance. */
export interface Workload {
  readonly name: string;
  /** What rows are summed up together. */
  readonly group: "kernel" | "recursion" | "third party";
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The imports of one instance, by module and name. */
  imports?(): Record<string, Record<string, ImportedFunction>>;
  /**
   * Prepares an instance.
   *
   * @returns the work, which gives a checksum; `share` is the part of it that is to be done, 1 for all
   */
  setUp(exports: WebAssembly.Exports, share: number): () => number;
}

/** A workload on two instances, and what is known about them apart from time. */
export interface MeteredSubject extends Subject {
  readonly group: Workload["group"];
  /** Bytes of the original, its custom sections left out, and of the instrumented module. */
  readonly size: number;
  readonly instrumentedSize: number;
  /** Fuel units of one run. */
  units(): bigint;
}

/** Instantiates a workload's module on bare V8 and metered. */
export async function meteredSubject(workload: Workload, share: number): Promise<MeteredSubject> {
  const bytes = await workload.bytes(), module = await WebAssembly.compile(bytes);
  const bare = await WebAssembly.instantiate(module, workload.imports?.() ?? {});
  const bareWork = workload.setUp(bare.exports, share);
  const ours = workload.imports?.() ?? {};
  const metered = await Metered.start(
    bytes,
    WebAssembly.Module.imports(module).map((item) => functionOf(ours, item)),
  );
  const meteredWork = metered.run(() => workload.setUp(metered.exports, share));
  return {
    name: workload.name,
    group: workload.group,
    size: sizeOfProgram(bytes),
    instrumentedSize: metered.size,
    bare: bareWork,
    variant: () => metered.run(meteredWork),
    units: () => metered.lastUnits,
  };
}

function functionOf(
  imports: Record<string, Record<string, ImportedFunction>>,
  item: WebAssembly.ModuleImportDescriptor,
): ImportedFunction {
  const found = imports[item.module]?.[item.name];
  if (found === undefined) throw new Error(`The workload lacks the import "${item.module}" "${item.name}"`);
  return found;
}

/** An exported function by its name, typed by the one who knows the module. */
export function exported<Result extends number | bigint | void = number>(
  exports: WebAssembly.Exports,
  name: string,
): (...args: (number | bigint)[]) => Result {
  const found = exports[name];
  if (typeof found !== "function") throw new TypeError(`The module exports no function "${name}"`);
  // `as`: V8's type for exports says Function, which says nothing of parameters.
  return found as (...args: (number | bigint)[]) => Result;
}

/** The bytes of an instance's first exported memory, as they are now: growth makes a view useless. */
export function memoryOf(exports: WebAssembly.Exports, name?: string): Uint8Array<ArrayBuffer> {
  const memory = name === undefined
    ? Object.values(exports).find((value) => value instanceof WebAssembly.Memory)
    : exports[name];
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError("The module exports no memory");
  // `as`: no module here shares its memory, which is all that V8's type leaves open.
  return new Uint8Array(memory.buffer as ArrayBuffer);
}
