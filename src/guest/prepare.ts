/**
 * Bytes to what runs: read, validate, plan, check against the limits, instrument, compile for one engine. In the prepare
 * Worker.
 */
import type { CoreCache } from "./core_cache.ts";
import type { InterpretedModule } from "./interpreter_code.ts";
import { checkCompileCost } from "../analysis/compile_cost.ts";
import { type CostModel, DEFAULT_COSTS } from "../analysis/cost.ts";
import { planModule } from "../analysis/plan_module.ts";
import { checkDeclared, type Declared, measureModule } from "../analysis/declared.ts";
import { checkInterpretable } from "../analysis/interpretable.ts";
import { checkRequirements } from "../analysis/requirements.ts";
import { planStack } from "../analysis/stack_plan.ts";
import type { Engine } from "../core/engine.ts";
import { ModuleInvalidError } from "../core/errors.ts";
import type { Signature } from "../core/signature.ts";
import type { Limits } from "../core/limits.ts";
import { type InstrumentedModule, instrumentModule } from "../instrument/instrument_module.ts";
import type { Layout } from "../instrument/layout.ts";
import type { OriginMap } from "../instrument/origin_map.ts";
import type { CompiledModule } from "../interp/compile/compile_module.ts";
import type { WatchLevel } from "../interp/compile/watch_code.ts";
import type { Module } from "../wasm/module.ts";
import { readNames } from "../wasm/names.ts";
import { PAGE_SIZE } from "../wasm/page_size.ts";
import { readModule } from "../wasm/read_module.ts";
import { readSignatures } from "../wasm/read_signatures.ts";
import { validateModule } from "../wasm/validate_module.ts";

/** What a module is prepared for. */
export interface PrepareOptions {
  /** The runtime's limits: ceilings for every sandbox. */
  readonly limits: Limits;
  readonly costs?: CostModel;
  /** What shall run it. @default "v8" */
  readonly engine?: Engine;
  /** Letters and digits that tell this module from others, in the frames of a trap. @default "unnamed" */
  readonly label?: string;
  /** Make NaNs canonical, and refuse instructions whose results differ between machines. @default false */
  readonly deterministic?: boolean;
  /** Allow what only a process with a bounded heap may run. @default false */
  readonly unboundedHeap?: boolean;
  /** Make code that can be watched, in the interpreter alone. @default none */
  readonly watch?: WatchLevel | undefined;
  /** Give what V8 compiles as bytes, for a process that compiles it itself: it stays in its process. @default false */
  readonly codeAsBytes?: boolean;
}

/** Code for V8: compiled where threads share it, or as the bytes that another process compiles. */
export type V8Code = WebAssembly.Module | Uint8Array<ArrayBuffer>;

/** Code that was instrumented, for one of the engines. */
export type ModuleCode = V8Code | CompiledModule;

/** Stage 2 of the pipeline: checked, instrumented, compiled; can be posted to any thread. */
export interface Prepared {
  readonly engine: Engine;
  /** How closely it can be watched. */
  readonly watch: WatchLevel | undefined;
  readonly module: ModuleCode;
  /** The module of ours by which it runs: in V8 its shim, in the interpreter the interpreter's core. */
  readonly support: V8Code;
  readonly layout: Layout;
  readonly origin: OriginMap;
  /** Names of functions by index, from the name section. */
  readonly functionNames: ReadonlyMap<number, string>;
  /** How exports are meant, from the section `aegis:signatures`. */
  readonly signatures: ReadonlyMap<string, Signature>;
  /** What the original module declares of the things that limits count. */
  readonly declared: Declared;
  /** Bytes of the instrumented module. */
  readonly instrumentedSize: number;
}

/** Functions beyond this many go without a name in the frames of a trap. */
const MOST_NAMES = 100_000;

function functionNames(module: Module): Map<number, string> {
  const names = readNames(module), byIndex = new Map<number, string>();
  for (let index = 0; index < Math.min(module.functions.length, MOST_NAMES); index++) {
    const name = names.of("function", index);
    if (name !== undefined) byIndex.set(index, name);
  }
  return byIndex;
}

/** Checks and instruments; everything but V8's own work. */
export function instrument(
  bytes: Uint8Array<ArrayBuffer>,
  options: PrepareOptions,
): InstrumentedModule & Pick<Prepared, "declared" | "signatures"> & {
  names: Map<number, string>;
  original: Module;
} {
  const { limits, costs = DEFAULT_COSTS } = options;
  const module = readModule(bytes);
  const declared = measureModule(module);
  checkDeclared(declared, limits);
  const validation = validateModule(module);
  const deterministic = options.deterministic ?? false;
  const interpreted = options.engine === "interpreter";
  if (interpreted) checkInterpretable(module);
  checkRequirements(module, { unboundedHeap: options.unboundedHeap ?? false, deterministic });
  const plan = planModule(module, costs, { deterministic });
  const killable = options.unboundedHeap ?? false; // both are true of a process of its own
  // The interpreter's code is made in time that is linear in the bytes, whatever they are.
  if (!interpreted) checkCompileCost(module, { plan, maxOperandBytes: validation.maxOperandBytes, killable });
  const stack = planStack(module, { plan, maxOperandBytes: validation.maxOperandBytes });
  const ceiling = {
    memoryPages: BigInt(Math.floor(limits.memoryLimit / PAGE_SIZE)),
    tableElements: BigInt(Math.max(limits.tableLimit, limits.functionTableLimit)),
  };
  return {
    ...instrumentModule(module, {
      plan,
      stack,
      costs,
      ceiling,
      label: options.label ?? "unnamed",
      exactLocals: options.watch === "instructions",
    }),
    original: module,
    names: functionNames(module),
    signatures: readSignatures(module).exports,
    declared,
  };
}

/**
 * Prepares a module.
 *
 * @param options with the cores of modules before it, if it is not the first
 * @throws {ModuleInvalidError} for bytes that are no valid module
 * @throws {ModuleRefusedError} for a valid module that must not run here
 */
export async function prepare(
  bytes: Uint8Array<ArrayBuffer>,
  options: PrepareOptions & { readonly cores?: CoreCache },
): Promise<Prepared> {
  const made = instrument(bytes, options);
  return {
    ...(options.engine === "interpreter"
      ? await codeForInterpreter({ ...made, ...options })
      : await codeForV8(bytes, { ...made, ...options })),
    layout: made.layout,
    origin: made.origin,
    functionNames: made.names,
    signatures: made.signatures,
    declared: made.declared,
    instrumentedSize: made.bytes.length,
  };
}

/** What an engine runs of a module. */
export type Code = Pick<Prepared, "engine" | "watch" | "module" | "support">;

/**
 * The interpreter's tables take longer to make than most modules to prepare: who runs on V8 does not wait for them.
 */
async function codeForInterpreter(made: InterpretedModule): Promise<Code> {
  const { compileForInterpreter } = await import("./interpreter_code.ts");
  return await compileForInterpreter(made);
}

/** @param original the bytes before they were rewritten */
async function codeForV8(
  original: Uint8Array<ArrayBuffer>,
  { bytes, shim: shimBytes, codeAsBytes = false }: InstrumentedModule & Pick<PrepareOptions, "codeAsBytes">,
): Promise<Code> {
  // The second wall: V8's verdict on the original, since the rewritten module has more of everything to refer to.
  if (!WebAssembly.validate(original)) await refuseLikeV8(original);
  // `as`: made by our own writer, never shared
  const code = bytes as Uint8Array<ArrayBuffer>, shim = shimBytes as Uint8Array<ArrayBuffer>;
  const [module, support] = await Promise.all([WebAssembly.compile(code), WebAssembly.compile(shim)]);
  return {
    engine: "v8",
    watch: undefined,
    ...(codeAsBytes ? { module: code, support: shim } : { module, support }),
  };
}

/** V8 tells why, and where, only when it compiles. */
async function refuseLikeV8(bytes: Uint8Array<ArrayBuffer>): Promise<never> {
  try {
    await WebAssembly.compile(bytes);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const match = /^WebAssembly\.compile\(\): (.*) @\+(\d+)$/.exec(text);
    throw new ModuleInvalidError(match?.[1] ?? text, Number(match?.[2] ?? 0));
  }
  throw new ModuleInvalidError("V8 refuses the module and does not say why", 0);
}
