/** Tables: elements one by one and many at once. */
import { indexed, integer, type TableShape } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import { fits } from "./value_type.ts";
import { leb } from "../../wasm/module_builder.ts";

const TABLE_GET = 0x25, TABLE_SET = 0x26, BULK = 0xfc, WRAP = 0xa7, AND_I32 = 0x71, AND_I64 = 0x83;
const TABLE_INIT = 12, ELEM_DROP = 13, TABLE_COPY = 14, TABLE_GROW = 15, TABLE_SIZE = 16, TABLE_FILL = 17;

interface Numbered extends TableShape {
  readonly index: number;
}

function tables(to: CodeWriter, chosen: (table: TableShape) => boolean): Numbered[] {
  return to.blueprint.tables.map((table, index) => ({ ...table, index })).filter(chosen);
}

const writable = (table: TableShape): boolean => !table.constant;

/** A position or a count, small enough as a rule. */
function below(to: CodeWriter, bound: number, wide: boolean): void {
  if (to.often(2)) return to.emit(...integer(to.random.below(bound + (to.often(20) ? 5 : 0)), wide));
  to.value(wide ? "i64" : "i32");
  const mask = 2 ** Math.floor(Math.log2(Math.max(1, bound))) - 1;
  if (!to.often(40)) to.emit(...integer(mask, wide), wide ? AND_I64 : AND_I32);
}

/** Elements that may be written: of a function table some may be null. */
function element(to: CodeWriter, table: TableShape): void {
  to.value(table.element);
}

function copy(to: CodeWriter, table: Numbered): void {
  const sources = tables(to, (from) => fits(from.element, table.element));
  const from = to.random.pick(sources);
  below(to, table.min, table.wide);
  below(to, from.min, from.wide);
  below(to, 2, table.wide && from.wide);
  to.emit(BULK, TABLE_COPY, ...leb(table.index), ...leb(from.index));
}

function init(to: CodeWriter, table: Numbered): void {
  const segment = to.random.below(to.blueprint.elements.length);
  const size = to.blueprint.elements[segment]?.length ?? 0, length = to.random.below(size + 1);
  below(to, table.min, table.wide);
  to.emit(...integer(size - length), ...integer(to.often(2) ? 0 : length));
  to.emit(BULK, TABLE_INIT, ...leb(segment), ...leb(table.index));
}

function bulk(to: CodeWriter): void {
  const table = to.random.pick(tables(to, writable));
  const takesSegments = table.element === "funcref" && to.blueprint.elements.length > 0;
  switch (to.random.below(takesSegments ? 5 : 3)) {
    case 0:
      below(to, table.min, table.wide);
      element(to, table);
      below(to, 3, table.wide);
      return to.emit(BULK, TABLE_FILL, ...leb(table.index));
    case 1:
    case 2:
      return copy(to, table);
    case 3:
      return init(to, table);
    default:
      if (to.often(3)) to.emit(BULK, ELEM_DROP, ...leb(to.random.below(to.blueprint.elements.length)));
  }
}

function grow(to: CodeWriter): void {
  const table = to.random.pick(tables(to, writable));
  element(to, table);
  to.emit(...integer(to.random.pick([0, 0, 1, 2, 30, 20_000_000, -1]), table.wide));
  to.emit(BULK, TABLE_GROW, ...leb(table.index));
  if (table.wide) to.emit(WRAP);
}

const hasTable = (to: CodeWriter): boolean => to.blueprint.tables.length > 0;
const hasWritable = (to: CodeWriter): boolean => tables(to, writable).length > 0;

export const TABLE_FORMS: Forms = {
  values: [
    {
      weight: 3,
      applies: (type, to) => tables(to, (table) => fits(table.element, type)).length > 0,
      write: (to, type) => {
        const table = to.random.pick(tables(to, (item) => fits(item.element, type)));
        below(to, table.min, table.wide);
        to.emit(...indexed(TABLE_GET, table.index));
      },
    },
    { weight: 1, applies: (type, to) => type === "i32" && hasWritable(to), write: grow },
    {
      weight: 1,
      applies: (type, to) => type === "i32" && hasTable(to),
      write: (to) => {
        const table = to.random.pick(tables(to, () => true));
        to.emit(BULK, TABLE_SIZE, ...leb(table.index), ...(table.wide ? [WRAP] : []));
      },
    },
  ],
  statements: [
    {
      weight: 3,
      applies: hasWritable,
      write: (to) => {
        const table = to.random.pick(tables(to, writable));
        below(to, table.min, table.wide);
        element(to, table);
        to.emit(...indexed(TABLE_SET, table.index));
      },
    },
    { weight: 3, applies: hasWritable, write: bulk },
  ],
};
