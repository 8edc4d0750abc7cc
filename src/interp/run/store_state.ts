/**
 * The state of a store as plain data, and back: taken while the guest's code waits for a function of the host or for a
 * hook, and put into a store that has made the same instances in the same order. The instruction at which the guest waits
 * is done anew.
 *
 * What is put back may have been written by anybody, so nothing in it is believed: an instruction to go on at has to be
 * one at which code can wait or that a call returns to, frames have to lie as those calls lay them, and words of tables
 * have to refer to functions that there are. Values in registers, globals and memories are data, as they are to the guest.
 */
import { functionAt, type Instance } from "./instance.ts";
import { type MemoryBlocks, readBlocks, writeBlocks } from "./memory_blocks.ts";
import type { Crossing, Place } from "./processor.ts";
import type { Store } from "./store.ts";
import { bytesOf } from "../owned_layout.ts";
import { STACK_START } from "../machine_layout.ts";
import { PAGE_SIZE } from "../../wasm/page_size.ts";

export interface InstanceState {
  /** Bytes of its globals, imported ones left out. */
  readonly globals: Uint8Array;
  /** Its own memories. */
  readonly memories: readonly MemoryBlocks[];
  /** By segment: 1 for those that were dropped. */
  readonly droppedElements: Uint8Array;
  readonly droppedData: Uint8Array;
}

export interface TableState {
  /** For tables of functions their numbers, for others words as they are; -1 and 0 for null. */
  readonly elements: Int32Array;
}

export interface ExceptionState {
  readonly number: number;
  /** The instance that knows the tag, and its index there. */
  readonly instance: number;
  readonly tag: number;
  readonly payload: Uint8Array;
}

/** The functions on the stack, and the stack itself. */
export interface StackState {
  /** Innermost first, three numbers a frame: instance, position in its code, place from the start of the stack. */
  readonly frames: Int32Array;
  /** By frame: 1 where it was called from another instance, or from outside. */
  readonly crossings: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface StoreState {
  readonly instances: readonly InstanceState[];
  readonly tables: readonly TableState[];
  readonly exceptions: readonly ExceptionState[];
  /** Absent when no code of the guest runs. */
  readonly stack?: StackState;
}

/** Why a state cannot be taken or put back: for a person. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** @throws {StateError} when a function of the host has called the guest again, or the guest holds values of the host */
export function saveStore(store: Store): StoreState {
  if (store.holdsHostValues()) {
    throw new StateError("the guest holds values of the host, which cannot be saved");
  }
  const stack = saveStack(store);
  return {
    instances: store.instances.map((instance) => saveInstance(store, instance)),
    tables: store.tables.map((table) => ({
      elements: store.kindOf(table.type.element) === "func"
        ? table.words.map((word) => store.findFunction(word)?.number ?? -1)
        : table.words.slice(),
    })),
    exceptions: saveExceptions(store),
    ...(stack === undefined ? {} : { stack }),
  };
}

function saveInstance(
  { machine }: Store,
  { module, base, memories, elements, data }: Instance,
): InstanceState {
  const first = firstOwnGlobal(module.owned.globals, module.imports), end = base + module.owned.size;
  return {
    globals: machine.bytes.slice(base + (first ?? module.owned.size), end),
    memories: memories.slice(memories.length - ownMemories(module)).map(({ buffer }) => readBlocks(buffer)),
    droppedElements: Uint8Array.from(
      elements,
      (words, index) => words.length === 0 && hasElements(module, index) ? 1 : 0,
    ),
    droppedData: Uint8Array.from(
      data,
      (bytes, index) => bytes.length === 0 && hasData(module, index) ? 1 : 0,
    ),
  };
}

function hasElements({ elements }: Instance["module"], index: number): boolean {
  return (elements[index]?.functions ?? elements[index]?.code ?? []).length > 0;
}

function hasData({ data }: Instance["module"], index: number): boolean {
  return (data[index]?.bytes.length ?? 0) > 0;
}

/** Where in what an instance owns its own globals begin; undefined when it has none. */
function firstOwnGlobal(globals: Int32Array, imports: Instance["module"]["imports"]): number | undefined {
  return globals[imports.filter(({ kind }) => kind === "global").length];
}

function ownMemories({ imports, memories }: Instance["module"]): number {
  return memories.length - imports.filter(({ kind }) => kind === "memory").length;
}

function saveExceptions(store: Store): ExceptionState[] {
  return [...store.exceptions.entries()].map(([number, { tag, payload }]) => {
    const instance = store.instances.findIndex(({ tags }) => tags.includes(tag));
    return { number, instance, tag: store.instances[instance]?.tags.indexOf(tag) ?? -1, payload };
  });
}

function saveStack(store: Store): StackState | undefined {
  const { machine, processor } = store, waiting = processor.waiting;
  if (waiting === undefined) return undefined;
  if (processor.depth > 1) {
    throw new StateError("a function of the host has called the guest, and has not come back");
  }
  const frames: number[] = [], crossed: number[] = [];
  let crossing = processor.crossings.length, at: Place = { ...waiting };
  const end = processor.behind(at);
  for (let inner = true;; inner = false) {
    frames.push(at.instance.number - 1, at.pc - at.instance.code >> 2, at.fp - STACK_START);
    const crosses = processor.unwind(at, inner);
    crossed.push(crosses ? 1 : 0);
    if (!crosses) continue;
    const outer = processor.crossings[--crossing];
    if (outer === undefined) break;
    at = { ...outer };
  }
  return {
    frames: Int32Array.from(frames),
    crossings: Uint8Array.from(crossed),
    bytes: machine.bytes.slice(STACK_START, end),
  };
}

/** Puts a state into a store whose instances are those of the state. @throws {StateError} for one that does not fit */
export function restoreStore(store: Store, state: StoreState): void {
  if (state.instances.length !== store.instances.length || state.tables.length !== store.tables.length) {
    throw new StateError("the state is one of other modules");
  }
  for (const [index, saved] of state.instances.entries()) {
    const instance = store.instances[index];
    if (instance !== undefined) restoreInstance(store, instance, saved);
  }
  const hooks = new Set(store.instances.map(({ tables, module }) => tables[module.hints?.hookTable ?? -1]));
  for (const [index, { elements }] of state.tables.entries()) {
    // What asks before a guest grows is no matter of the guest's, nor of who has written the state.
    if (!hooks.has(store.tables[index])) restoreTable(store, index, elements);
  }
  for (const { number, instance, tag, payload } of state.exceptions) {
    const found = store.instances[instance]?.tags[tag];
    if (found === undefined || payload.length !== bytesOf(found.params)) {
      throw new StateError("an exception is of no known tag");
    }
    if (!store.exceptions.restore(number, { tag: found, payload })) {
      throw new StateError("an exception has no valid number");
    }
  }
  if (state.stack !== undefined) restoreStack(store, state.stack);
}

function restoreInstance({ machine }: Store, instance: Instance, saved: InstanceState): void {
  const { module, base, memories } = instance, first = firstOwnGlobal(module.owned.globals, module.imports);
  const start = base + (first ?? module.owned.size);
  if (saved.globals.length !== base + module.owned.size - start) {
    throw new StateError("the globals are others");
  }
  machine.bytes.set(saved.globals, start);
  const own = memories.slice(memories.length - ownMemories(module));
  if (saved.memories.length !== own.length) throw new StateError("the memories are others");
  for (const [index, memory] of own.entries()) {
    const blocks = saved.memories[index];
    if (blocks === undefined || !grow(memory, blocks.size) || !writeBlocks(memory.buffer, blocks)) {
      throw new StateError("a memory does not fit");
    }
  }
  saved.droppedElements.forEach((dropped, index) => {
    if (dropped === 1 && index < instance.elements.length) instance.elements[index] = new Int32Array(0);
  });
  saved.droppedData.forEach((dropped, index) => {
    if (dropped === 1 && index < instance.data.length) instance.data[index] = new Uint8Array(0);
  });
}

/** Whether a memory has that size now. */
function grow(memory: WebAssembly.Memory, size: number): boolean {
  const missing = (size - memory.buffer.byteLength) / PAGE_SIZE;
  if (missing < 0 || !Number.isInteger(missing)) return false;
  try {
    if (missing > 0) memory.grow(missing);
    return true;
  } catch {
    return false;
  }
}

function restoreTable(store: Store, index: number, elements: Int32Array): void {
  const table = store.tables[index];
  const missing = table === undefined ? -1 : elements.length - table.size;
  if (table === undefined || missing < 0 || missing > 0 && table.growBy(missing, 0) < 0) {
    throw new StateError("a table does not fit");
  }
  const isFunction = store.kindOf(table.type.element) === "func";
  const words = elements.map((element) => isFunction ? store.functions[element]?.record ?? 0 : element);
  table.words.set(words);
}

function restoreStack(store: Store, { frames, crossings, bytes }: StackState): void {
  const { machine, processor } = store, count = crossings.length;
  if (count === 0 || frames.length !== 3 * count || bytes.length > machine.stackEnd - STACK_START) {
    throw new StateError("the stack is none");
  }
  machine.bytes.set(bytes, STACK_START);
  const places = Array.from(
    { length: count },
    (_, frame) => placeOf(store, frames.subarray(3 * frame, 3 * frame + 3)),
  );
  const crossed: Crossing[] = [];
  for (let frame = count - 1; frame >= 0; frame--) {
    const place = places[frame], outer = places[frame + 1];
    if (place === undefined) continue;
    const { instance, fp } = place, inner = frame === 0;
    checkPosition(place, inner);
    const index = functionAt(instance.module, (place.pc - instance.code >> 2) - (inner ? 0 : 1));
    const type = index === undefined ? undefined : instance.functions[index]?.type;
    if (type === undefined) throw new StateError("a frame is of no function");
    if (processor.behind(place, inner) > machine.stackEnd) {
      throw new StateError("a frame does not fit the stack");
    }
    if (outer === undefined ? fp !== STACK_START : fp !== outer.fp + baseOf(outer)) {
      throw new StateError("a frame does not lie where its call puts it");
    }
    const crosses = crossings[frame] === 1;
    if (outer === undefined ? !crosses : !crosses && outer.instance !== instance) {
      throw new StateError("a frame returns to another instance");
    }
    const saved = fp + Math.max(bytesOf(type.params), bytesOf(type.results));
    machine.setWord(saved, outer === undefined || crosses ? instance.code : outer.pc);
    machine.setWord(saved + 4, outer === undefined || crosses ? fp : outer.fp);
    if (outer !== undefined && crosses) crossed.push(outer);
  }
  const [innermost] = places, outermost = places.at(-1);
  if (innermost === undefined || outermost === undefined) throw new StateError("the stack is none");
  processor.waitAt(innermost, { outermost, crossings: crossed });
}

function placeOf(store: Store, [instance = -1, position = -1, fp = -1]: Int32Array): Place {
  const found = store.instances[instance];
  if (
    found === undefined || position < 0 || position >= found.module.code.length || fp < 0 || (fp & 7) !== 0
  ) {
    throw new StateError("a frame lies nowhere");
  }
  return { instance: found, pc: found.code + 4 * position, fp: STACK_START + fp };
}

/** Sees to it that code can wait at a place, or that a call returns there. */
function checkPosition({ instance, pc }: Place, inner: boolean): void {
  const { notePositions, returnPositions } = instance.module, position = pc - instance.code >> 2;
  if (find(inner ? notePositions : returnPositions, position) < 0) {
    throw new StateError("a frame goes on nowhere");
  }
}

/** How far behind the frame of a caller that of the called function lies. */
function baseOf({ instance, pc }: Place): number {
  const { returnPositions, returnBases } = instance.module;
  return returnBases[find(returnPositions, pc - instance.code >> 2)] ?? -1;
}

/** The place of a number among ascending ones; -1 if it is none of them. */
function find(ascending: Int32Array, number: number): number {
  let low = 0, high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === number ? low : -1;
}
