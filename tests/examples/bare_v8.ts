import type { GuestValue, HostFunctions, Instance } from "./instance.ts";

/** The bytes come from files and from base64: never from shared memory, which is all that V8's type rules out. */
const unshared = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

/** Compiles a module as it is. */
export function compileBare(bytes: Uint8Array): Promise<WebAssembly.Module> {
  return WebAssembly.compile(unshared(bytes));
}

/** Whether V8 takes the bytes for a valid module. */
export function isValidBare(bytes: Uint8Array): boolean {
  return WebAssembly.validate(unshared(bytes));
}

/**
 * Instantiates a module on V8 alone: no instrumentation, no sandbox. What it does here is the standard that a sandbox
 * is measured against.
 */
export async function instantiateBare(bytes: Uint8Array, imports: HostFunctions = {}): Promise<Instance> {
  return overExports(
    (await WebAssembly.instantiate(await compileBare(bytes), importObject(imports))).exports,
  );
}

/** The exports of an instance on V8, as drivers see them. */
export function overExports(exports: WebAssembly.Exports): Instance {
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  const view = (offset: number, length: number): Uint8Array => {
    if (!(memory instanceof WebAssembly.Memory)) throw new Error("The module exports no memory");
    return new Uint8Array(memory.buffer, offset, length);
  };
  return {
    call: (name, args) => Promise.resolve().then(() => callExport(exports, name, args)),
    readMemory: (offset, length) => Promise.resolve().then(() => view(offset, length).slice()),
    writeMemory: (offset, written) => Promise.resolve().then(() => view(offset, written.length).set(written)),
  };
}

/** Host functions as V8 takes them. */
export function importObject(imports: HostFunctions): WebAssembly.Imports {
  return Object.fromEntries(
    Object.entries(imports).map(([module, functions]) => [
      module,
      Object.fromEntries(Object.entries(functions).map(([name, row]) => [name, row.fn])),
    ]),
  );
}

function callExport(exports: WebAssembly.Exports, name: string, args: GuestValue[]): GuestValue[] {
  const exported = exports[name];
  if (typeof exported !== "function") throw new Error(`The module exports no function "${name}"`);
  // JavaScript fills missing arguments with zeros; a sandbox does not.
  if (args.length !== exported.length) {
    throw new TypeError(`"${name}" takes ${exported.length} arguments, not ${args.length}`);
  }
  const result: unknown = exported(...args);
  if (result === undefined) return [];
  // Several results come as an array; guests under test return numbers and bigints only.
  return (Array.isArray(result) ? result : [result]) as GuestValue[];
}
