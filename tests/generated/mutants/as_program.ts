/**
 * Rewrites a real module so that it can be run and looked at: its imports come from the hosts of a program, everything
 * that has state is exported, and its memories cannot grow far.
 */
import { argument } from "../generator/random_program.ts";
import type { Signature, ValueType } from "../generator/value_type.ts";
import type { Program } from "../program.ts";
import type { FunctionType, Module } from "../../../src/wasm/module.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { formatType } from "../../../src/wasm/types.ts";
import {
  type Bytes,
  exportOf,
  importOf,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
} from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";

/** Pages that a module may start with, and that each memory may grow by. */
const MOST_PAGES = 64n, GROWTH = 4n;

const PASSABLE: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64", "funcref", "externref"]);

/** The types of a function, if JavaScript can pass them all. */
function signature(module: Module, index: number): Signature | undefined {
  const type: FunctionType | { kind: "array" | "struct" } | undefined = module
    .types[module.functions[index] ?? 0]?.composite;
  if (type?.kind !== "func") return undefined;
  const names = (types: readonly number[]) => types.map(formatType);
  const shape = { params: names(type.params), results: names(type.results) };
  // `as`: exactly the types that were looked for.
  return [...shape.params, ...shape.results].every((name) => PASSABLE.has(name))
    ? shape as Signature
    : undefined;
}

/** A module that can be run, or undefined if this one needs more than functions, or too much memory. */
export function runnable(
  bytes: Uint8Array,
): { bytes: Uint8Array<ArrayBuffer>; hosts: Signature[] } | undefined {
  const module = readModule(bytes);
  if (module.imports.some(({ kind }) => kind !== "function")) return undefined;
  if (module.memories.some(({ min, shared }) => min > MOST_PAGES || shared)) return undefined;
  const hosts: Signature[] = [];
  for (let index = 0; index < module.imported.function; index++) {
    const shape = signature(module, index);
    if (shape === undefined) return undefined;
    hosts.push(shape);
  }
  return { bytes: rewritten(module), hosts };
}

function rewritten(module: Module): Uint8Array<ArrayBuffer> {
  const replaced: Readonly<Record<number, () => Bytes>> = {
    [SECTION.import]: () =>
      vec(
        module.imports.map(({ index }, place) =>
          importOf("host", String(place), [0, ...leb(module.functions[index] ?? 0)])
        ),
      ),
    [SECTION.memory]: () =>
      vec(module.memories.map(({ min, max, index64 }) => {
        const most = max !== undefined && max < min + GROWTH ? max : min + GROWTH;
        return [1 | (index64 ? 4 : 0), ...leb(min), ...leb(most)];
      })),
    [SECTION.export]: () => vec(exportsOf(module)),
  };
  const sections: Bytes[] = [];
  for (const { id, start, end } of module.sections) {
    if (id === SECTION.custom) continue;
    sections.push(section(id, replaced[id]?.() ?? [...module.bytes.subarray(start, end)]));
  }
  return rawModule(...sections);
}

function exportsOf(module: Module): Bytes[] {
  const functions = module.exports.filter(({ kind, index }) =>
    kind === "function" && index >= module.imported.function && signature(module, index) !== undefined
  );
  const all = (kind: number, name: string, items: readonly unknown[]) =>
    items.map((_, index) => exportOf(`${name}${index}`, kind, index));
  const visible = module.globals.flatMap(({ type }, index) => PASSABLE.has(formatType(type)) ? [index] : []);
  return functions.map(({ index }, at) => exportOf(`f${at}`, 0, index))
    .concat(
      all(1, "table", module.tables),
      all(2, "memory", module.memories),
      visible.map((index) => exportOf(`global${index}`, 3, index)),
      all(4, "tag", module.tags),
    );
}

/** Calls of a runnable module. */
export function programOf(
  module: { readonly bytes: Uint8Array<ArrayBuffer>; readonly hosts: readonly Signature[] },
  random: Random,
  source: string,
): Program {
  const read = readModule(module.bytes);
  const exported = read.exports.filter(({ kind }) => kind === "function");
  const calls = Array.from({ length: exported.length === 0 ? 0 : 4 }, () => {
    const { name, index } = random.pick(exported);
    const { params } = signature(read, index) ?? { params: [] };
    return { name, args: params.map((type) => numberOrPlace(random, type)) };
  });
  return { bytes: module.bytes, source, hosts: module.hosts, steps: 0, calls };
}

/** What is often a count, a place in memory, or a length. */
function numberOrPlace(random: Random, type: ValueType): unknown {
  if (type !== "i32") return argument(random, type);
  return random.pick([
    0,
    1,
    1,
    2,
    2,
    3,
    3,
    8,
    64,
    1024,
    4096,
    65_536,
    random.below(100),
    argument(random, type),
  ]);
}
