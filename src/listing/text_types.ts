/** Types in the text format. */
import { formatTypeWith } from "../wasm/disassemble.ts";
import type {
  CompositeType,
  FieldType,
  FunctionType,
  Limits64,
  Module,
  RecursionGroup,
  SubType,
  TableType,
} from "../wasm/module.ts";
import type { ValueType } from "../wasm/types.ts";
import type { Identifiers } from "./identifiers.ts";

/**
 * Parameters and results that are repeated where a function states its type: a function of four bytes may have a type of
 * two thousand. Longer ones stand in the type alone.
 */
const MOST_REPEATED = 32;

function listed(keyword: string, types: readonly ValueType[], identifiers: Identifiers): string {
  return types.length === 0
    ? ""
    : ` (${keyword} ${types.map((type) => formatTypeWith(type, identifiers.text)).join(" ")})`;
}

function fieldText({ storage, mutable }: FieldType, identifiers: Identifiers): string {
  const type = formatTypeWith(storage, identifiers.text);
  return mutable ? `(mut ${type})` : type;
}

function compositeText(type: CompositeType, identifiers: Identifiers): string {
  switch (type.kind) {
    case "func":
      return `(func${listed("param", type.params, identifiers)}${
        listed("result", type.results, identifiers)
      })`;
    case "struct":
      return `(struct${type.fields.map((field) => ` (field ${fieldText(field, identifiers)})`).join("")})`;
    case "array":
      return `(array ${fieldText(type.field, identifiers)})`;
  }
}

function subTypeText({ final, supertypes, composite }: SubType, identifiers: Identifiers): string {
  const text = compositeText(composite, identifiers);
  if (final && supertypes.length === 0) return text;
  return `(sub ${final ? "final " : ""}${
    supertypes.map((index) => `${identifiers.of("type", index)} `).join("")
  }${text})`;
}

/** The lines of a recursion group; a plain type is one of one. */
export function* groupLines(
  module: Module,
  { start, size }: RecursionGroup,
  identifiers: Identifiers,
): Generator<string> {
  const indent = size === 1 ? "  " : "    ";
  if (size !== 1) yield size === 0 ? "  (rec)\n" : "  (rec\n";
  for (let index = start; index < start + size; index++) {
    const type = module.types[index];
    if (type === undefined) break;
    const id = identifiers.declared("type", index), close = size > 1 && index === start + size - 1 ? ")" : "";
    yield `${indent}(type ${id}(;${index};) ${subTypeText(type, identifiers)})${close}\n`;
  }
}

/** The function type with this index; the reader has checked that it is one. */
export function functionType(module: Module, index: number): FunctionType {
  const type = module.types[index]?.composite;
  if (type?.kind !== "func") throw new TypeError(`Type ${index} is no function type`);
  return type;
}

/** The types that text means where a function states its parameters alone: the first ones that are equal. */
export class FirstTypes {
  readonly #first: ReadonlySet<number>;

  constructor({ types, groups }: Module) {
    const seen = new Set<string>(), first = new Set<number>();
    for (const { start, size } of groups) {
      const type = types[start];
      if (size !== 1 || type === undefined || !type.final || type.supertypes.length > 0) continue;
      if (type.composite.kind !== "func") continue;
      const key = `${type.composite.params} ${type.composite.results}`;
      if (seen.has(key)) continue;
      seen.add(key);
      first.add(start);
    }
    this.#first = first;
  }

  has(index: number): boolean {
    return this.#first.has(index);
  }
}

/** What is repeated of a type where a function, a tag or an import states it. */
function membersText({ params, results }: FunctionType, identifiers: Identifiers): string {
  if (params.length + results.length > MOST_REPEATED) return "";
  return listed("param", params, identifiers) + listed("result", results, identifiers);
}

/** A type where a function, a tag or an import states it. */
export function typeUse(module: Module, index: number, identifiers: Identifiers): string {
  return `(type ${identifiers.of("type", index)})${membersText(functionType(module, index), identifiers)}`;
}

/**
 * The same with names of parameters. Names and the index of a type together are too much for watr, so the index is left
 * out where text means that very type without it.
 *
 * @returns undefined where parameters cannot be named
 */
export function namedTypeUse(
  module: Module,
  index: number,
  { identifiers, params, first }: {
    readonly identifiers: Identifiers;
    /** Identifiers by the index of the parameter. */
    readonly params: ReadonlyMap<number, string>;
    readonly first: FirstTypes;
  },
): string | undefined {
  const type = functionType(module, index);
  if (!first.has(index) || type.params.length + type.results.length > MOST_REPEATED) return undefined;
  let text = "", unnamed: ValueType[] = [];
  for (const [at, param] of type.params.entries()) {
    const id = params.get(at);
    if (id === undefined) {
      unnamed.push(param);
      continue;
    }
    text += `${listed("param", unnamed, identifiers)} (param ${id} ${
      formatTypeWith(param, identifiers.text)
    })`;
    unnamed = [];
  }
  return (text + listed("param", unnamed, identifiers) + listed("result", type.results, identifiers))
    .trimStart();
}

/** `i64 1 4`: the index type where it is not the usual one, least and most. */
export function limitsText({ min, max, index64 }: Limits64): string {
  return `${index64 ? "i64 " : ""}${min}${max === undefined ? "" : ` ${max}`}`;
}

/** `1 funcref`, without the value of its elements. */
export function tableText(table: TableType, identifiers: Identifiers): string {
  return `${limitsText(table)} ${formatTypeWith(table.element, identifiers.text)}`;
}
