/**
 * Stage 2 of the pipeline: types. Takes a module whose structure the reader has checked, and throws on everything
 * else that makes it invalid, as V8 15 judges by default. Nothing may be instrumented or run that did not pass here.
 */
import { InstructionReader } from "./instructions.ts";
import type { FunctionBody, FunctionType, Module } from "./module.ts";
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
  const state = checkDeclarations(module);
  return new Validation(state.context, checkBodies(state, options.observe));
}

/** Goes through single bodies of a module, one at a time. */
export class BodyWalker {
  readonly #context: ModuleContext;

  /** @throws as {@linkcode validateModule} */
  constructor(readonly module: Module) {
    this.#context = checkDeclarations(module).context;
  }

  /** Shows an observer every instruction of a body. @throws as {@linkcode validateModule} */
  walk(place: number, observer: FunctionObserver): void {
    const body = this.module.bodies[place];
    // A state has a budget for all that it checks: each walk has its own.
    const state = new CodeState(this.#context, new InstructionReader(this.module.bytes));
    if (body !== undefined) checkBody(state, { place, body, observer });
  }
}

function checkDeclarations(module: Module): CodeState {
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
  return state;
}

function checkBodies(state: CodeState, observer: FunctionObserver | undefined): Uint32Array {
  const { module } = state.context;
  const maxOperandBytes = new Uint32Array(module.bodies.length);
  module.bodies.forEach((body, place) => {
    checkBody(state, { place, body, observer });
    maxOperandBytes[place] = state.maxBytes;
  });
  return maxOperandBytes;
}

function checkBody(
  state: CodeState,
  { place, body, observer }: {
    readonly place: number;
    readonly body: FunctionBody;
    readonly observer: FunctionObserver | undefined;
  },
): void {
  const { context } = state, { module } = context, index = module.imported.function + place;
  const type = context.functionTypeAt(module.functions[index] ?? -1) ?? EMPTY_TYPE; // the reader has checked it
  checkFunction(state, { index, type, body, observer });
}
