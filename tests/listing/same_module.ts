/** Whether two modules say the same, told by our reader: but for custom sections, the data count and widths of numbers. */
import { InstructionReader } from "../../src/wasm/instructions.ts";
import type { ByteRange, Module } from "../../src/wasm/module.ts";
import { SHAPE, SHAPES } from "../../src/wasm/opcodes.ts";
import { NULLABLE } from "../../src/wasm/types.ts";

/** Bytes of the constants that are as wide as they are. */
const FIXED: Readonly<Record<number, number>> = { [SHAPE.bytes4]: 4, [SHAPE.bytes8]: 8, [SHAPE.bytes16]: 16 };

/** An instruction as it was decoded. */
function factsOf(reader: InstructionReader): string {
  const { key } = reader, shape = SHAPES[key] ?? 0, fixed = FIXED[shape];
  if (fixed !== undefined) {
    return `${key} ${reader.bytes.subarray(reader.immediate, reader.immediate + fixed)}`;
  }
  const block = () => `${reader.blockKind} ${reader.blockKind === 0 ? 0 : reader.blockType}`;
  const memory = () => `${reader.index} ${reader.align} ${reader.exactMemoryOffset}`;
  const facts: Readonly<Record<number, () => string>> = {
    [SHAPE.index]: () => `${reader.index}`,
    [SHAPE.index2]: () => `${reader.index} ${reader.index2}`,
    [SHAPE.memarg]: memory,
    [SHAPE.memargLane]: () => `${memory()} ${reader.lane}`,
    [SHAPE.i32]: () => `${reader.i32}`,
    [SHAPE.i64]: () => `${reader.i64}`,
    [SHAPE.blocktype]: block,
    [SHAPE.labels]: () => `${reader.labels.subarray(0, reader.labelCount)}`,
    [SHAPE.lane]: () => `${reader.lane}`,
    [SHAPE.types]: () => `${reader.types}`,
    [SHAPE.heaptype]: () => `${reader.heapType}`,
    [SHAPE.cast]: () => `${reader.index} ${reader.heapType} ${reader.heapType2}`,
    [SHAPE.tryTable]: () => {
      const { catchCount, catchKinds, catchTags, catchLabels } = reader;
      return `${block()} ${catchKinds.slice(0, catchCount)} ${catchTags.slice(0, catchCount)} ${
        catchLabels.slice(0, catchCount)
      }`;
    },
  };
  return `${key} ${facts[shape]?.() ?? ""}`;
}

function codeOf(bytes: Uint8Array, range: ByteRange | undefined): string[] | undefined {
  if (range === undefined) return undefined;
  const reader = new InstructionReader(bytes), lines: string[] = [];
  reader.reset(range.start, range.end);
  while (reader.next()) lines.push(factsOf(reader));
  return lines;
}

/** Everything that a module says, without its offsets. */
export function meaningOf(module: Module) {
  const { bytes } = module, code = (range: ByteRange | undefined) => codeOf(bytes, range);
  return {
    types: module.types.map(({ final, supertypes, composite }) => ({ final, supertypes, composite })),
    groups: module.groups,
    imports: module.imports.map(({ module: from, name, kind, index }) => ({ from, name, kind, index })),
    functions: module.functions,
    tables: module.tables.map(({ offset: _, init, ...table }) => ({ ...table, init: code(init) })),
    memories: module.memories.map(({ offset: _, ...memory }) => memory),
    globals: module.globals.map(({ offset: _, init, ...global }) => ({ ...global, init: code(init) })),
    tags: module.tags.map(({ typeIndex }) => typeIndex),
    exports: module.exports.map(({ name, kind, index }) => ({ name, kind, index })),
    start: module.start?.index,
    elements: module.elements.map(({ offset: _, position, expressions, ...segment }) => ({
      ...segment,
      position: code(position),
      expressions: expressions?.map(code),
    })),
    data: module.data.map(({ mode, memory, position, start, end }) => ({
      mode,
      memory,
      position: code(position),
      bytes: bytes.subarray(start, end),
    })),
    bodies: module.bodies.map(({ locals, code: start, end }) => ({
      // Groups of the same type may stand side by side.
      locals: locals.reduce<{ type: number; count: number }[]>((groups, { type, count }) => {
        const last = groups.at(-1);
        if (count === 0) return groups;
        return last?.type === type
          ? [...groups.slice(0, -1), { type, count: last.count + count }]
          : [...groups, { type, count }];
      }, []),
      code: code({ start, end }),
    })),
  };
}

/**
 * The same where watr has shortened it: the type of a block that can be said without an index, a list of references to
 * functions, an empty recursion group.
 */
export function settled(module: Module): unknown {
  const meaning = meaningOf(module);
  const short = (line: string): string => {
    const [, start, index] = /^(\d+ )2 (\d+)/.exec(line) ?? [];
    const type = module.types[Number(index)]?.composite;
    const isBlock = [SHAPE.blocktype, SHAPE.tryTable].some((shape) =>
      SHAPES[Number.parseInt(line)] === shape
    );
    if (!isBlock || type?.kind !== "func" || type.params.length > 0 || type.results.length > 1) return line;
    const [result] = type.results;
    return line.replace(/^\d+ 2 \d+/, `${start}${result === undefined ? "0 0" : `1 ${result}`}`);
  };
  const reference = /^210 (\d+)$/;
  return {
    ...meaning,
    groups: meaning.groups.filter(({ size }) => size > 0),
    bodies: meaning.bodies.map((body) => ({ ...body, code: body.code?.map(short) })),
    elements: meaning.elements.map(({ functions, expressions, type, ...segment }) => {
      const indices = expressions?.map((lines) => reference.exec(lines?.[0] ?? "")?.[1]);
      const listed = functions ??
        (indices?.every((index) => index !== undefined) ? indices.map(Number) : undefined);
      return listed === undefined
        ? { ...segment, type, expressions }
        : { ...segment, type: type & ~NULLABLE, functions: listed };
    }),
  };
}
