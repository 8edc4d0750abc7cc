/** The host functions of one sandbox, by the two names under which guests import them. */
import type { HostContext } from "./host_context.ts";
import { inlineSource } from "./inline_source.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { type Kind, type Signature, signatureProblem } from "../core/signature.ts";
import type { CallValue } from "../core/value.ts";

/** What a value of a kind is in JavaScript. */
export type ValueOf<Of extends Kind> = Of extends "i64" ? bigint
  : Of extends "i32" | "f32" | "f64" ? number
  : Of extends "string" ? string
  : Of extends "bytes" ? Uint8Array<ArrayBuffer>
  : unknown;

/**
 * What a host function returns: a value, or an array of several; any of it where its type is not known. Without results
 * whatever it returns is waited for, and dropped.
 */
export type ReturnOf<Results extends readonly Kind[]> = number extends Results["length"]
  ? CallValue | readonly CallValue[] | void
  : Results extends readonly [] ? unknown
  : Results extends readonly [infer Only extends Kind] ? ResultOf<Only>
  : { readonly [Index in keyof Results]: ResultOf<Results[Index]> };

/** What a host function may return for a result of a kind: any view of bytes, else what guests give. */
export type ResultOf<Of extends Kind> = Of extends "bytes" ? Uint8Array : ValueOf<Of>;

/** The type under which a host function is offered to guests. */
export interface HostFunctionType<
  Params extends readonly Kind[] = readonly Kind[],
  Results extends readonly Kind[] = readonly Kind[],
  Context extends boolean = boolean,
> {
  /** `string`, `bytes`, `json` and `msgpack` are two i32 for the guest: address and length. */
  readonly params: Params;
  /** One that lies in memory stands alone, and is an i64 for the guest: address and length in one. */
  readonly results: Results;
  /**
   * Name of the custom capability that a sandbox must have: without it a call stops the guest, and ends with
   * `CapabilityDenied`. @default none
   */
  readonly capability?: string;
  /** Whether the function gets a {@linkcode HostContext} behind its arguments. @default false */
  readonly context?: Context;
  /**
   * Whether the function runs in the guest's thread, without permissions, for nanoseconds a call. Its text is sent
   * there: it may use its parameters and what JavaScript has, nothing of what surrounds it, and gets no context.
   * @default false
   */
  readonly inline?: boolean;
}

/** A function of the host, `Returned` being what it says that it returns. What it throws stops the guest, and is thrown by the call. */
export type HostFunction<
  Params extends readonly Kind[] = readonly Kind[],
  Results extends readonly Kind[] = readonly Kind[],
  Context extends boolean = boolean,
  Returned extends ReturnOf<Results> = ReturnOf<Results>,
> = (...args: ArgumentsOf<Params, Context>) => Returned | Promise<Returned>;

/** What a host function gets: its arguments, a context if it wants one; anything where its type is not known. */
export type ArgumentsOf<Params extends readonly Kind[], Context extends boolean> = number extends
  Params["length"]
  // deno-lint-ignore no-explicit-any -- functions with any parameters can be called with what their own type says
  ? any[]
  : Context extends true
    ? [...{ readonly [Index in keyof Params]: ValueOf<Params[Index]> }, context: HostContext]
  : { readonly [Index in keyof Params]: ValueOf<Params[Index]> };

/** A host function with its type. */
export interface HostFunctionDefinition extends HostFunctionType {
  /** What guests call. */
  readonly run: HostFunction;
}

const TYPE_NAMES: OptionNames<HostFunctionType>["names"] = {
  params: true,
  results: true,
  capability: true,
  context: true,
  inline: true,
};

/**
 * Puts a host function and its type together, for `registerFuncs`.
 *
 * @example `{ add: hostFunction({ params: ["i32", "i32"], results: ["i32"] }, (a, b) => a + b) }`
 * @throws {AegisError} `InvalidOption` for a key that the type does not have
 */
export function hostFunction<
  const Params extends readonly Kind[],
  const Results extends readonly Kind[],
  const Context extends boolean = false,
  const Returned extends ReturnOf<Results> = ReturnOf<Results>,
>(
  type: HostFunctionType<Params, Results, Context>,
  run: HostFunction<Params, Results, Context, Returned>,
): HostFunctionDefinition {
  checkOptionNames(type, { place: "of a host function", names: TYPE_NAMES });
  return { ...type, run: run as unknown as HostFunction }; // it is called with what its own type says
}

/** How often a host function was called, and for how long. */
export interface HostFunctionUsage {
  /** The first name under which guests import it. */
  readonly module: string;
  /** The second name. */
  readonly name: string;
  /** Calls that reached it. Those of an inline function are in the sandbox's `hostCalls` alone. */
  readonly calls: number;
  /** Milliseconds from each call to its return, together. */
  readonly time: number;
}

/** What is kept of a host function. */
export interface RegisteredFunction extends Signature {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly capability?: string;
  /** Whether it gets a context. */
  readonly context: boolean;
  /** The text of an inline function. */
  readonly source?: string;
  readonly run: HostFunction;
}

export class HostFunctions {
  readonly #byName: Map<string, Map<string, RegisteredFunction>> = new Map();
  readonly #byId: RegisteredFunction[] = [];
  readonly #usage: { calls: number; time: number }[] = [];

  /** @throws {AegisError} `InvalidOption` for a type that cannot cross, or a name that is taken */
  register(module: string, name: string, definition: HostFunctionDefinition): void {
    const what = `Cannot register ${quote(String(module))} ${quote(String(name))}`;
    // First of all: a capability under a misspelt name would guard nothing.
    checkOptionNames(definition, {
      place: `of host function ${quote(String(module))} ${quote(String(name))}`,
      names: { ...TYPE_NAMES, run: true },
    });
    const { params, results, capability, context = false, inline = false, run } = checkedShape(
      what,
      definition,
    );
    const problem = signatureProblem({ params, results });
    if (problem !== undefined) throw new AegisError("InvalidOption", `${what} with ${problem}`);
    const group = this.#byName.get(module) ?? new Map<string, RegisteredFunction>();
    if (group.has(name)) throw new AegisError("InvalidOption", `${what} twice`);
    const entry: RegisteredFunction = {
      id: this.#byId.length,
      module,
      name,
      params: [...params],
      results: [...results],
      ...(capability === undefined ? {} : { capability }),
      context,
      ...(inline ? { source: inlineSource(what, definition) } : {}),
      run,
    };
    this.#byId.push(entry);
    this.#usage.push({ calls: 0, time: 0 });
    this.#byName.set(module, group.set(name, entry));
  }

  find(module: string, name: string): RegisteredFunction | undefined {
    return this.#byName.get(module)?.get(name);
  }

  byId(id: number): RegisteredFunction | undefined {
    return this.#byId[id];
  }

  /** Every kind that some function has. */
  get kinds(): Kind[] {
    return this.#byId.flatMap(({ params, results }) => [...params, ...results]);
  }

  /** All pairs of names, as `module name`, for suggestions. */
  names(): string[] {
    return this.#byId.map((entry) => `${entry.module} ${entry.name}`);
  }

  /** Takes note of a call. @param time milliseconds that it took */
  count({ id }: RegisteredFunction, time: number): void {
    const usage = this.#usage[id];
    if (usage === undefined) return;
    usage.calls++;
    usage.time += time;
  }

  /** A new life begins. */
  restart(): void {
    for (const usage of this.#usage) usage.calls = usage.time = 0;
  }

  usage(): HostFunctionUsage[] {
    return this.#byId.map(({ module, name, id }) => ({
      module,
      name,
      ...this.#usage[id] ?? { calls: 0, time: 0 },
    }));
  }
}

/** @throws {AegisError} `InvalidOption` for what JavaScript lets pass */
function checkedShape(what: string, definition: HostFunctionDefinition): HostFunctionDefinition {
  const { params, results, capability, context, inline, run } = definition;
  if (!Array.isArray(params) || !Array.isArray(results) || typeof run !== "function") {
    throw new AegisError(
      "InvalidOption",
      `${what}: give its type, then the function, for instance { params: ["i32"], results: [] }, (value) => {}`,
    );
  }
  if (capability !== undefined && typeof capability !== "string") {
    throw new AegisError("InvalidOption", `${what}: its capability must be a name`, { field: "capability" });
  }
  for (const [field, value] of Object.entries({ context, inline })) {
    if (value === undefined || typeof value === "boolean") continue;
    throw new AegisError("InvalidOption", `${what}: ${field} must be true or false`, { field });
  }
  return definition;
}
