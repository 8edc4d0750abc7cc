import { AegisError } from "../core/errors.ts";
import { type Value, VALUE_KINDS, type ValueKind } from "../core/value.ts";
import { valueMismatch } from "./arguments.ts";
import { quote } from "../core/quote.ts";

/** The type under which a host function is offered to guests. */
export interface HostFunctionType {
  readonly params: readonly ValueKind[];
  readonly results: readonly ValueKind[];
  /**
   * Name of the custom capability that a sandbox must have: without it a call stops the guest, and ends with
   * `CapabilityDenied`. @default none
   */
  readonly capability?: string;
}

/** A function of the host: gets and returns numbers and bigints, or a promise of them. */
export type HostFunction = (
  // deno-lint-ignore no-explicit-any -- parameters are typed by what the embedder declares beside the function
  ...args: any[]
) => Value | readonly Value[] | void | Promise<Value | readonly Value[] | void>;

export interface RegisteredFunction extends HostFunctionType {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly run: HostFunction;
}

/** The host functions of one sandbox, by the two names under which guests import them. */
export class HostFunctions {
  readonly #byName: Map<string, Map<string, RegisteredFunction>> = new Map();
  readonly #byId: RegisteredFunction[] = [];

  /** @throws {AegisError} `InvalidOption` for a type that cannot cross, or a name that is taken */
  register(module: string, name: string, type: HostFunctionType, run: HostFunction): void {
    if (!Array.isArray(type?.params) || !Array.isArray(type?.results) || typeof run !== "function") {
      throw new AegisError(
        "InvalidOption",
        `Cannot register ${quote(module)} ${
          quote(name)
        }: give its type, then the function, for instance { params: ["i32"], results: [] }, (value) => {}`,
      );
    }
    for (const kind of [...type.params, ...type.results]) {
      if (!VALUE_KINDS.includes(kind)) {
        throw new AegisError(
          "InvalidOption",
          `Cannot register ${quote(module)} ${quote(name)} with type ${quote(kind)}: use ${
            VALUE_KINDS.join(", ")
          }`,
        );
      }
    }
    if (type.capability !== undefined && typeof type.capability !== "string") {
      throw new AegisError(
        "InvalidOption",
        `Cannot register ${quote(module)} ${quote(name)}: its capability must be a name`,
      );
    }
    const group = this.#byName.get(module) ?? new Map<string, RegisteredFunction>();
    if (group.has(name)) {
      throw new AegisError(
        "InvalidOption",
        `Cannot register ${quote(module)} ${quote(name)} twice`,
      );
    }
    const entry: RegisteredFunction = {
      id: this.#byId.length,
      module,
      name,
      params: [...type.params],
      results: [...type.results],
      ...(type.capability === undefined ? {} : { capability: type.capability }),
      run,
    };
    this.#byId.push(entry);
    this.#byName.set(module, group.set(name, entry));
  }

  find(module: string, name: string): RegisteredFunction | undefined {
    return this.#byName.get(module)?.get(name);
  }

  byId(id: number): RegisteredFunction | undefined {
    return this.#byId[id];
  }

  /** All pairs of names, as `module name`, for suggestions. */
  names(): string[] {
    return this.#byId.map((entry) => `${entry.module} ${entry.name}`);
  }
}

/** The values that a host function returned, in the order of its results; undefined where they do not fit its type. */
export function returnedValues(entry: RegisteredFunction, returned: unknown): Value[] | undefined {
  const list: readonly unknown[] = entry.results.length === 0
    ? []
    : entry.results.length === 1
    ? [returned]
    : Array.isArray(returned)
    ? returned
    : [];
  if (list.length !== entry.results.length) return undefined;
  const values: Value[] = [];
  for (const [index, kind] of entry.results.entries()) {
    const value = list[index];
    if (valueMismatch(kind, value) !== undefined) return undefined;
    values.push(value as Value); // checked in the line above
  }
  return values;
}
