/** Makes an instance of a module in a store: lays it out, links and defines what it has, gives all of it its first value. */
import type { CompiledModule } from "../compile/compile_module.ts";
import { InterpreterGlobal, InterpreterTable, InterpreterTag } from "./externals.ts";
import type { Instance, RunCore } from "./instance.ts";
import { linkImports } from "./link_imports.ts";
import { CORE, type MemoryKind } from "../machine_layout.ts";
import { widthOf } from "../owned_layout.ts";
import type { Store } from "./store.ts";
import { TRAP_MESSAGES } from "./traps.ts";
import { storeType } from "./value_subtypes.ts";
import type { MemoryType } from "../../wasm/module.ts";

/** What an instance is made of. */
interface Ingredients {
  readonly module: CompiledModule;
  /** In the order in which the module names them. */
  readonly imports: readonly unknown[];
  /** Compiles the core for modules with these memories. */
  readonly core: (memories: readonly MemoryKind[]) => WebAssembly.Module;
}

/**
 * Makes an instance, and starts it.
 *
 * @returns its exports
 * @throws {WebAssembly.LinkError} for an import that does not fit
 * @throws {WebAssembly.RuntimeError} where a segment does not fit or the start function traps
 */
export function makeInstance(store: Store, ingredients: Ingredients): Record<string, unknown> {
  const instance = layOut(store, ingredients);
  initialise(store, instance);
  const exports = exportsOf(store, instance);
  applySegments(store, instance);
  const start = instance.functions[ingredients.module.start];
  if (start !== undefined) store.processor.call(start, []);
  return exports;
}

/** An instance whose code, functions and types lie in the machine; its globals hold nothing yet. */
function layOut(store: Store, { module, imports, core }: Ingredients): Instance {
  const { machine } = store, typeNumbers = store.numberTypes(module);
  const code = machine.allocate(4 * module.code.length), base = machine.allocate(module.owned.size);
  machine.words.set(module.code, code >> 2);
  const instance: Instance = {
    number: store.instances.length + 1,
    module,
    base,
    code,
    typeNumbers,
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    tags: [],
    elements: [],
    data: module.data.map(({ bytes }) => bytes),
    run: () => 0,
  };
  machine.setWord(base, instance.number);
  for (const [index, number] of typeNumbers.entries()) {
    machine.setWord(base + module.owned.types + 4 * index, number);
  }
  linkImports({ store, instance }, imports);
  define(store, instance);
  for (const [index, { record }] of instance.functions.entries()) {
    machine.setWord(base + module.owned.functions + 4 * index, record);
  }
  for (const [index, { record }] of instance.tables.entries()) {
    machine.setWord(base + module.owned.tables + 4 * index, record);
  }
  const memories = [machine.memory, ...instance.memories];
  const running = new WebAssembly.Instance(core(module.memories), {
    [CORE.module]: Object.fromEntries(memories.map((memory, index) => [String(index), memory])),
  });
  instance.run = running.exports[CORE.run] as RunCore; // `as`: see `buildCore`
  store.instances.push(instance);
  return instance;
}

/** Adds what the module defines itself to what it imports. */
function define(store: Store, instance: Instance): void {
  const { module, typeNumbers } = instance, { machine } = store;
  for (const [place, entry] of module.entries.entries()) {
    const index = module.importedFunctions + place;
    const typeNumber = typeNumbers[module.functions[index] ?? -1] ?? -1, code = instance.code + 4 * entry;
    instance.functions.push(store.addFunction({ typeNumber, owner: instance, index, host: undefined, code }));
  }
  for (const type of module.tables.slice(instance.tables.length)) {
    const typeNumber = storeType(type.element, typeNumbers);
    const table = new InterpreterTable(machine, store.values, { ...type, typeNumber });
    instance.tables.push(table);
    store.tables.push(table);
  }
  for (const type of module.memoryTypes.slice(instance.memories.length)) {
    instance.memories.push(newMemory(type));
  }
  for (let index = instance.globals.length; index < module.globals.length; index++) {
    const { type = 0, mutable = false } = module.globals[index] ?? {};
    const address = instance.base + (module.owned.globals[index] ?? 0);
    const typeNumber = storeType(type, typeNumbers);
    instance.globals.push(new InterpreterGlobal(store.values, address, { value: type, mutable, typeNumber }));
  }
  for (const typeIndex of module.tags.subarray(instance.tags.length)) {
    const typeNumber = typeNumbers[typeIndex] ?? -1;
    instance.tags.push(new InterpreterTag(typeNumber, store.functionType(typeNumber).params));
  }
}

/** A memory as the JavaScript API makes it; the library types lack those that are indexed by i64. */
function newMemory(type: Pick<MemoryType, "min" | "max" | "index64">): WebAssembly.Memory {
  const number = (value: bigint) => type.index64 ? value : Number(value);
  const descriptor = {
    address: type.index64 ? "i64" : "i32",
    initial: number(type.min),
    ...(type.max === undefined ? {} : { maximum: number(type.max) }),
  };
  return new WebAssembly.Memory(descriptor as unknown as WebAssembly.MemoryDescriptor);
}

/** Evaluates what is constant: globals, elements of tables and of segments. */
function initialise(store: Store, instance: Instance): void {
  const { module } = instance, { machine, processor } = store;
  for (const [index, position] of module.globalCode.entries()) {
    if (position < 0) continue;
    const { address, type } = instance.globals[index] ?? { address: 0, type: { value: 0 } };
    const width = widthOf(type.value), from = processor.evaluate(instance, position, width);
    machine.bytes.copyWithin(address, from, from + width);
  }
  for (const [index, position] of module.tableCode.entries()) {
    if (position < 0) continue;
    instance.tables[index]?.words.fill(machine.word(processor.evaluate(instance, position)));
  }
  for (const segment of module.elements) {
    const words = segment.functions !== undefined
      ? segment.functions.map((index) => instance.functions[index]?.record ?? 0)
      : (segment.code ?? new Int32Array(0)).map((position) =>
        machine.word(processor.evaluate(instance, position))
      );
    instance.elements.push(words);
  }
}

function exportsOf(store: Store, instance: Instance): Record<string, unknown> {
  const exports: Record<string, unknown> = Object.create(null);
  for (const { name, kind, index } of instance.module.exports) {
    switch (kind) {
      case "function": {
        const target = instance.functions[index];
        if (target !== undefined) exports[name] = store.exported(target);
        break;
      }
      case "table":
        exports[name] = instance.tables[index];
        break;
      case "memory":
        exports[name] = instance.memories[index];
        break;
      case "global":
        exports[name] = instance.globals[index];
        break;
      case "tag":
        exports[name] = instance.tags[index];
    }
  }
  return exports;
}

/** Applies the active segments, elements before data. */
function applySegments({ processor }: Store, instance: Instance): void {
  const { module } = instance;
  for (const [index, { active }] of module.elements.entries()) {
    if (active === undefined) continue;
    const table = instance.tables[active.table], words = instance.elements[index] ?? new Int32Array(0);
    const at = processor.evaluateIndex(instance, active.offset, table?.type.index64 === true);
    if (table === undefined || at + words.length > table.size) {
      throw new WebAssembly.RuntimeError(TRAP_MESSAGES.table);
    }
    table.words.set(words, at);
    instance.elements[index] = new Int32Array(0);
  }
  for (const [index, { active }] of module.data.entries()) {
    if (active === undefined) continue;
    const memory = instance.memories[active.memory], bytes = instance.data[index] ?? new Uint8Array(0);
    const at = processor.evaluateIndex(instance, active.offset, module.memories[active.memory] === "i64");
    if (memory === undefined || at + bytes.length > memory.buffer.byteLength) {
      throw new WebAssembly.RuntimeError(TRAP_MESSAGES.memory);
    }
    new Uint8Array(memory.buffer).set(bytes, at);
    instance.data[index] = new Uint8Array(0);
  }
}
