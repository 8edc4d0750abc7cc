/**
 * Stage 2 of the pipeline: types. Takes a module whose structure the reader has checked, and throws on everything
 * else that makes it invalid, as V8 15 judges by default. Nothing may be instrumented or run that did not pass here.
 */
import { InstructionReader } from "./instructions.ts";
import type { FunctionType, Module } from "./module.ts";
import type { ValueType } from "./types.ts";
import { CodeState } from "./validate/code_state.ts";
import {
  checkData,
  checkElements,
  checkGlobals,
  checkStart,
  checkSupertypes,
  checkTables,
  checkTags,
  declareExports,
} from "./validate/declarations.ts";
import { checkFunction } from "./validate/function_body.ts";
import type { FunctionObserver } from "./validate/function_observer.ts";
import { EMPTY_TYPE, ModuleContext } from "./validate/module_context.ts";

/** What is known of a module that is valid. */
export class Validation {
  /** Highest bytes of the operand stack by body, in the stack's cost model (`byteWidth`). */
  readonly maxOperandBytes: Uint32Array;
  /** By type index: equal types have equal numbers, the index of the first of them. */
  readonly canonical: Int32Array;
  readonly #context: ModuleContext;

  constructor(context: ModuleContext, maxOperandBytes: Uint32Array) {
    this.#context = context;
    this.canonical = context.types.canonical;
    this.maxOperandBytes = maxOperandBytes;
  }

  /** Whether a value of type `sub` may stand where `sup` is expected. */
  isSubtype(sub: ValueType, sup: ValueType): boolean {
    return this.#context.isSubtype(sub, sup);
  }

  /**
   * The function type at a type index.
   *
   * @throws {RangeError} if there is none
   */
  functionType(typeIndex: number): FunctionType {
    const type = this.#context.functionTypeAt(typeIndex);
    if (type === undefined) throw new RangeError(`Cannot find a function type at index ${typeIndex}`);
    return type;
  }
}

export interface ValidateOptions {
  /** Sees every instruction of every body, in order. */
  readonly observe?: FunctionObserver;
}

/**
 * Validates a module.
 *
 * @throws {ModuleInvalidError} with the offset of the instruction or item that is wrong
 * @throws {ModuleRefusedError} on a function that is valid and piles up operands beyond all measure
 */
export function validateModule(module: Module, options: ValidateOptions = {}): Validation {
  const context = new ModuleContext(module);
  checkSupertypes(context);
  checkTags(context);
  const state = new CodeState(context, new InstructionReader(module.bytes));
  context.visibleGlobals = module.imported.global;
  checkTables(state);
  checkGlobals(state);
  declareExports(context);
  checkStart(context);
  checkElements(state);
  checkData(state);
  return new Validation(context, checkBodies(state, options.observe));
}

function checkBodies(state: CodeState, observer: FunctionObserver | undefined): Uint32Array {
  const { context } = state;
  const { module } = context;
  const maxOperandBytes = new Uint32Array(module.bodies.length);
  module.bodies.forEach((body, place) => {
    const index = module.imported.function + place;
    const type = context.functionTypeAt(module.functions[index] ?? -1) ?? EMPTY_TYPE; // the reader has checked it
    checkFunction(state, { index, type, body, observer });
    maxOperandBytes[place] = state.maxBytes;
  });
  return maxOperandBytes;
}
