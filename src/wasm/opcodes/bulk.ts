import type { OpcodeRow } from "../opcode.ts";
import { prefixedRows } from "./row.ts";

/** What moves many bytes or elements at once. */
export const BULK: readonly OpcodeRow[] = [
  ...prefixedRows(0xfc, "bulk-memory", [
    [0x08, "memory.init", ["data", "memory"], "addr i32 i32 ->", "bulkMemory"],
    [0x09, "data.drop", ["data"], "->"],
    [0x0a, "memory.copy", ["memory", "memory"], undefined, "bulkMemory"],
    [0x0b, "memory.fill", ["memory"], "addr i32 addr ->", "bulkMemory"],
    [0x0c, "table.init", ["element", "table"], "addr i32 i32 ->", "bulkTable"],
    [0x0d, "elem.drop", ["element"], "->"],
    [0x0e, "table.copy", ["table", "table"], undefined, "bulkTable"],
  ]),
  ...prefixedRows(0xfc, "reference-types", [
    [0x0f, "table.grow", ["table"], undefined, "tableGrow"],
    [0x10, "table.size", ["table"], "-> addr"],
    [0x11, "table.fill", ["table"], undefined, "bulkTable"],
  ]),
];
