/** Whole modules out of a blueprint and code for each of its functions, and the calls to make of them. */
import { Blueprint, type Generation, integer, STATE, STEPS, zero } from "./blueprint.ts";
import { CodeWriter } from "./code_writer.ts";
import { isReference, signatureBytes, typeBytes, type ValueType } from "./value_type.ts";
import {
  type Bytes,
  exportOf,
  importOf,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
} from "../../wasm/module_builder.ts";
import { Random } from "../../wasm/random.ts";
import type { Program } from "../program.ts";

const END = 0x0b, GLOBAL_GET = 0x23;

export const GENERATIONS: readonly Generation[] = ["none", "new", "old"];

/** A program, the same for the same seed. */
export function randomProgram(seed: number, generation: Generation): Program {
  const random = new Random(seed), blueprint = new Blueprint(random, generation);
  const room = random.pick([40, 100, 250]);
  const bodies = blueprint.functions.map((shape) => {
    const writer = new CodeWriter(random, blueprint, shape, shape.tiny ? random.below(5) : room);
    return bodyBytes(writer.function(), writer.declared());
  });
  return {
    bytes: moduleBytes(blueprint, bodies),
    source: `seed ${seed}, exceptions: ${generation}`,
    hosts: blueprint.hosts.map(({ params, results }) => ({ params, results })),
    steps: random.pick([30, 100, 300]),
    calls: calls(blueprint),
  };
}

function bodyBytes(code: Bytes, locals: readonly (readonly [number, ValueType])[]): Bytes {
  const inner = join([vec(locals.map(([count, type]) => [...leb(count), ...typeBytes(type)])), code, [END]]);
  return join([leb(inner.length), inner]);
}

function calls(blueprint: Blueprint): Program["calls"] {
  const { random, functions } = blueprint;
  const exported = functions.flatMap((shape, index) =>
    shape.exported ? [{ ...shape, name: `f${index}` }] : []
  );
  return blueprint.times(5, () => {
    const { name, params, leaf } = random.pick(exported);
    const depth = 3 + random.below(random.pick([5, 5, 5, 40]));
    const args = params.map((type, index) => index === 0 && !leaf ? depth : argument(random, type));
    return { name, args };
  });
}

/** A value that JavaScript can pass. */
export function argument(random: Random, type: ValueType): unknown {
  switch (type) {
    case "i32":
      return random.pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), random.below(1000)]);
    case "i64":
      return random.pick([0n, 1n, -1n, 2n ** 63n - 1n, BigInt(random.below(2 ** 31))]);
    case "f32":
    case "f64":
      return random.pick([0, -0, 1.5, NaN, Infinity, -1e300, random.below(1000) / 7]);
    case "externref":
      return random.pick([null, "left", "right"]);
    default:
      return null;
  }
}

function limits(min: number, max: number | undefined, wide: boolean): Bytes {
  return [(max === undefined ? 0 : 1) | (wide ? 4 : 0), ...leb(min), ...(max === undefined ? [] : leb(max))];
}

function moduleBytes(blueprint: Blueprint, bodies: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const { hosts, functions, tables, memories, globals, tags, elements, dataSizes, random } = blueprint;
  const extra = exportedAccessors(blueprint);
  const typeOfStart = blueprint.type({ params: [], results: [] });
  const functionTypes = [
    ...functions.map((shape) => blueprint.type(shape)),
    ...extra.map((item) => item.type),
  ];
  const start = blueprint.start ? functionTypes.length + hosts.length : undefined;
  if (start !== undefined) functionTypes.push(typeOfStart);
  const allBodies = [
    ...bodies,
    ...extra.map((item) => item.body),
    ...(start === undefined ? [] : [startBody(blueprint)]),
  ];
  const list = (id: number, items: readonly Bytes[]) => items.length === 0 ? [] : section(id, vec(items));
  const functionExports = functions.flatMap((shape, index) =>
    shape.exported ? [exportOf(`f${index}`, 0, index + hosts.length)] : []
  );
  const data = [...dataSizes.map((size) => [1, ...content(random, size)]), ...activeData(blueprint)];
  const tagTypes = tags.map((params) => blueprint.type({ params, results: [] }));
  return rawModule(
    section(SECTION.type, vec(blueprint.types.map(signatureBytes))),
    list(
      SECTION.import,
      hosts.map((shape, index) => importOf("host", String(index), [0, ...leb(blueprint.type(shape))])),
    ),
    section(SECTION.function, vec(functionTypes.map((type) => leb(type)))),
    list(
      SECTION.table,
      tables.map(({ element, min, max, wide }) => [...typeBytes(element), ...limits(min, max, wide)]),
    ),
    list(SECTION.memory, memories.map(({ min, max, wide }) => limits(min, max, wide))),
    list(SECTION.tag, tagTypes.map((type) => [0, ...leb(type)])),
    section(
      SECTION.global,
      vec(globals.map(({ type, mutable }) => [...typeBytes(type), mutable ? 1 : 0, ...zero(type), END])),
    ),
    section(
      SECTION.export,
      vec([
        ...functionExports,
        exportOf("state", 3, STATE),
        exportOf("steps", 3, STEPS),
        ...globals.flatMap(({ type }, index) =>
          type === "v128" ? [] : [exportOf(`global${index}`, 3, index)]
        ),
        ...tables.map((_, index) => exportOf(`table${index}`, 1, index)),
        ...memories.map((_, index) => exportOf(`memory${index}`, 2, index)),
        ...tags.map((_, index) => exportOf(`tag${index}`, 4, index)),
        ...extra.map(({ name }, index) => exportOf(name, 0, hosts.length + functions.length + index)),
      ]),
    ),
    ...(start === undefined ? [] : [section(SECTION.start, leb(start))]),
    list(SECTION.element, [
      ...elements.map((items) => [1, 0, ...vec(items.map((index) => leb(index)))]),
      [3, 0, ...vec(blueprint.referable().map((index) => leb(index)))],
      ...tables.flatMap((table, index) => activeElements(blueprint, table.functions, index)),
    ]),
    ...(data.length === 0 ? [] : [section(SECTION.dataCount, leb(data.length))]),
    section(SECTION.code, vec(allBodies)),
    list(SECTION.data, data),
  );
}

const content = (random: Random, size: number): Bytes =>
  vec(Array.from({ length: size }, () => [random.below(256)]));

function activeData({ activeData, memories, random }: Blueprint): Bytes[] {
  return activeData.map(({ memory, offset, size }) => {
    const wide = memories[memory]?.wide === true, half = random.below(offset + 1);
    const position = random.below(3) === 0
      ? [...integer(half, wide), ...integer(offset - half, wide), wide ? 0x7c : 0x6a, END]
      : [...integer(offset, wide), END];
    return [2, ...leb(memory), ...position, ...content(random, size)];
  });
}

/** What fills a table at the start: function indices, or, of a typed table, expressions. */
function activeElements(blueprint: Blueprint, items: readonly number[], table: number): Bytes[] {
  const shape = blueprint.tables[table];
  if (shape === undefined || items.length === 0) return [];
  const position = [...integer(0, shape.wide), END];
  const expressions = vec(items.map((index) => [0xd2, ...leb(index), END]));
  return [[6, ...leb(table), ...position, ...typeBytes(shape.element), ...expressions]];
}

/** Functions that make values visible which JavaScript cannot see: halves of vectors. */
function exportedAccessors(blueprint: Blueprint): { name: string; type: number; body: Bytes }[] {
  const type = blueprint.type({ params: [], results: ["i64", "i64"] });
  return blueprint.globals.flatMap((global, index) => {
    if (global.type !== "v128" || isReference(global.type)) return [];
    const half = (lane: number) => [GLOBAL_GET, ...leb(index), 0xfd, 0x1d, lane];
    return [{ name: `see${index}`, type, body: bodyBytes([...half(0), ...half(1)], []) }];
  });
}

/** Calls a function that takes a depth and a number. */
function startBody(blueprint: Blueprint): Bytes {
  const index = blueprint.functions.findIndex((shape) => !shape.leaf && shape.params.join() === "i32,i32");
  const { results = [] } = blueprint.functions[index] ?? {};
  const call = [0x10, ...leb(index + blueprint.hosts.length), ...results.map(() => 0x1a)];
  return bodyBytes([...integer(50), 0x24, STEPS, ...integer(3), ...integer(7), ...call], []);
}
