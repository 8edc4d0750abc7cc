/**
 * Random modules made of the shapes at which the interpreter's compiler is clever: operands that stand for locals which
 * change, constants under blocks, fused comparisons, branches with values, many results, vectors beside scalars, tail
 * calls, exceptions, tables that grow, several memories.
 */
import { ShapeCode } from "./shape_code.ts";
import type { Signature, Type } from "./code_stack.ts";
import {
  type Bytes,
  exportOf,
  EXTERNREF,
  F64,
  FUNCREF,
  funcType,
  I32,
  I64,
  importOf,
  join,
  leb,
  sleb,
  V128,
  wasmModule,
} from "../../wasm/module_builder.ts";
import { Random } from "../../wasm/random.ts";

/** Indices of what every module has. */
export const GLOBALS = { steps: 0, i32: 1, i64: 2, v128: 3 } as const;

/** Imported functions, by their types; the first argument is a depth. */
export const HOSTS: readonly Signature[] = [
  { params: [I32], results: [I32] },
  { params: [I32, I64, F64], results: [I64, I32] },
  { params: [], results: [] },
];

/** What is known of a module while its code is written. */
export interface ShapePlan {
  /** Types, all functions of which take these parameters and give these results. */
  readonly types: readonly Signature[];
  /** Type of each function, imported ones first. */
  readonly functions: readonly number[];
  /** Type of each tag. */
  readonly tags: readonly number[];
  /** Which of the two kinds of exceptions it has. */
  readonly oldExceptions: boolean;
}

export interface ShapeModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly plan: ShapePlan;
  /** Names of exported functions that JavaScript can call, with the types of their parameters. */
  readonly calls: readonly { readonly name: string; readonly params: readonly Type[] }[];
}

const TYPES: readonly Type[] = [I32, I32, I32, I64, I64, F64, V128, FUNCREF, EXTERNREF];
const PARAMETERS: readonly Type[] = [I32, I32, I64, F64];

function some(random: Random, most: number, among: readonly Type[]): Type[] {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(among));
}

function planOf(random: Random): ShapePlan {
  const inner = Array.from(
    { length: 6 },
    (): Signature => ({ params: some(random, 3, TYPES), results: some(random, 6, TYPES) }),
  );
  // Types with the same results, so that there are tail calls.
  const tails = inner.slice(0, 3).map(({ results }): Signature => ({
    params: some(random, 6, TYPES),
    results,
  }));
  const outer = inner.slice(0, 3).map((): Signature => ({
    params: [I32, ...some(random, 3, PARAMETERS)],
    results: some(random, 5, PARAMETERS),
  }));
  // A module with references in a payload is refused where the heap has no bound: such ones are compared as they are.
  const carried = random.below(2) === 0 ? [EXTERNREF, F64] : [F64, I64];
  const tags = [[], [I32], [I64, V128, I32], carried].map((params): Signature => ({
    params,
    results: [],
  }));
  const types = [...HOSTS, ...outer, ...inner, ...tails, ...tags];
  const first = HOSTS.length, count = outer.length + inner.length + tails.length;
  return {
    types,
    functions: [...HOSTS.keys(), ...Array.from({ length: count }, (_, place) => first + place)],
    tags: tags.map((_, place) => first + count + place),
    oldExceptions: random.below(2) === 0,
  };
}

/** The module of a seed. */
export function shapeModule(seed: number): ShapeModule {
  const random = new Random(seed), plan = planOf(random), types: Signature[] = [...plan.types];
  const functions = plan.functions.slice(HOSTS.length).map((type) => {
    const { params, results } = plan.types[type] ?? { params: [], results: [] };
    const more = [I32, I32, ...some(random, 5, TYPES)];
    const code = new ShapeCode({ random, plan, types, locals: [...params, ...more], results });
    return { type, locals: more.map((local) => [1, local] as const), code: code.write(8 + random.below(30)) };
  });
  const outer = functions.slice(0, 3).map((_, place) => HOSTS.length + place);
  const byte = (value: number): Bytes => [value];
  const global = (type: Type, init: Bytes) => join([[type, 1], init, [0x0b]]);
  const constant = (opcode: number, value: number) => join([byte(opcode), sleb(value)]);
  const bytes = wasmModule({
    types: types.map(({ params, results }) => funcType(params, results)),
    imports: HOSTS.map((_, index) => importOf("host", String(index), [0, ...leb(index)])),
    functions,
    tables: [[FUNCREF, 0x01, 12, 20], [EXTERNREF, 0x01, 3, 9]],
    memories: [[0x01, 1, 3], [0x05, 1, 2]],
    tags: plan.tags.map((type) => join([[0], leb(type)])),
    globals: [
      global(I32, constant(0x41, 100)),
      global(I32, constant(0x41, 5)),
      global(I64, constant(0x42, -7)),
      global(V128, join([[0xfd, 0x0c], Array.from({ length: 16 }, (_, lane) => lane)])),
    ],
    exports: [
      ...outer.map((index) => exportOf(`f${index}`, 0, index)),
      exportOf("functions", 1, 0),
      exportOf("values", 1, 1),
      exportOf("memory", 2, 0),
      exportOf("wide", 2, 1),
      exportOf("steps", 3, GLOBALS.steps),
      exportOf("g32", 3, GLOBALS.i32),
      exportOf("g64", 3, GLOBALS.i64),
      ...plan.tags.map((_, tag) => exportOf(`tag${tag}`, 4, tag)),
    ],
    // Functions of all types, null among them.
    elements: [
      join([
        [0x00],
        constant(0x41, 1),
        [0x0b],
        leb(9),
        ...plan.functions.slice(3, 12).map((_, place) => leb(place + 3)),
      ]),
    ],
    importedFunctions: HOSTS.length,
  });
  const calls = outer.map((index) => ({
    name: `f${index}`,
    params: plan.types[plan.functions[index] ?? 0]?.params ?? [],
  }));
  return { bytes, plan, calls };
}
