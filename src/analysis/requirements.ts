/**
 * What a valid module may not have in a Worker: the proposals through which it could fill the JS heap, which has no
 * limit of its own.
 */
import { moduleFeatures } from "./features.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { FunctionType, Module } from "../wasm/module.ts";
import { isExceptionRef, isRef, valueBytes } from "../wasm/types.ts";

/** Payload that a tag may carry at most, in bytes: a caught exception keeps it alive outside the guest's memory. */
const TAG_PAYLOAD_BYTES = 256;

/** What bounds the JS heap of the guest, and so which proposals it may use. */
export interface Confinement {
  /** Allow GC types, exception references in tables and the like, and shared memories: only where the heap is bounded. */
  readonly unboundedHeap: boolean;
  /** Refuse relaxed SIMD, whose results depend on the processor. */
  readonly deterministic: boolean;
}

function refuse(what: string, suggestion: string): never {
  throw new ModuleRefusedError(`Cannot run the module: ${what}`, { suggestion });
}

/** @throws {ModuleRefusedError} with the requirement that the confinement does not meet */
export function checkRequirements(module: Module, confinement: Confinement): void {
  if (confinement.deterministic && moduleFeatures(module).includes("relaxed-simd")) {
    refuse(
      "it uses relaxed SIMD, whose results depend on the processor",
      "Compile it without relaxed SIMD, or run it without `deterministic`.",
    );
  }
  if (confinement.unboundedHeap) return;
  checkHeap(module);
  checkExceptions(module);
}

const ELSEWHERE =
  'Such modules need a process of their own, whose heap is bounded: isolation "process", or --isolation process.';

function checkHeap(module: Module): void {
  for (const [index, type] of module.types.entries()) {
    if (type.composite.kind !== "func") {
      refuse(
        `type ${index} is a ${type.composite.kind} of the GC proposal, whose heap a Worker cannot bound`,
        ELSEWHERE,
      );
    }
  }
  for (const [index, memory] of module.memories.entries()) {
    if (memory.shared) refuse(`memory ${index} is shared between threads`, ELSEWHERE);
  }
}

function checkExceptions(module: Module): void {
  for (const [index, tag] of module.tags.entries()) {
    const type = functionType(module, tag.typeIndex);
    if (type.params.some(isRef)) {
      refuse(`tag ${index} carries references, so exceptions could form a list without end`, ELSEWHERE);
    }
    const bytes = type.params.reduce((sum, param) => sum + valueBytes(param), 0);
    if (bytes > TAG_PAYLOAD_BYTES) {
      refuse(`tag ${index} carries ${bytes} bytes, the limit is ${TAG_PAYLOAD_BYTES}`, ELSEWHERE);
    }
  }
  for (const [index, global] of module.globals.entries()) {
    if (isExceptionRef(global.type)) refuse(`global ${index} holds an exception reference`, ELSEWHERE);
  }
  for (const [index, table] of module.tables.entries()) {
    if (isExceptionRef(table.element)) refuse(`table ${index} holds exception references`, ELSEWHERE);
  }
  const visible: { what: string; functionIndex: number }[] = [
    ...module.exports.filter((item) => item.kind === "function").map((item) => ({
      what: `export ${quote(item.name)}`,
      functionIndex: item.index,
    })),
    ...module.imports.filter((item) => item.kind === "function").map((item) => ({
      what: `import ${quote(item.name)}`,
      functionIndex: item.index,
    })),
  ];
  for (const { what, functionIndex } of visible) {
    const type = functionType(module, module.functions[functionIndex] ?? 0);
    if ([...type.params, ...type.results].some(isExceptionRef)) {
      refuse(`${what} passes an exception reference`, ELSEWHERE);
    }
  }
}

function functionType(module: Module, typeIndex: number): FunctionType {
  const type = module.types[typeIndex]?.composite;
  if (type?.kind !== "func") {
    throw new TypeError(`Type ${typeIndex} of a validated module is no function type`);
  }
  return type;
}
