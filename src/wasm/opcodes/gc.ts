import type { OpcodeRow } from "../opcode.ts";
import { NONE, oneByteRows, prefixedRows } from "./row.ts";

/** Structs, arrays, i31 and casts. */
export const GC: readonly OpcodeRow[] = [
  ...oneByteRows("gc", [
    [0xd3, "ref.eq", NONE, undefined],
  ]),
  ...prefixedRows(0xfb, "gc", [
    [0x00, "struct.new", ["type"], undefined],
    [0x01, "struct.new_default", ["type"], undefined],
    [0x02, "struct.get", ["type", "field"], undefined],
    [0x03, "struct.get_s", ["type", "field"], undefined],
    [0x04, "struct.get_u", ["type", "field"], undefined],
    [0x05, "struct.set", ["type", "field"], undefined],
    [0x06, "array.new", ["type"], undefined, "bulkArray"],
    [0x07, "array.new_default", ["type"], undefined, "bulkArray"],
    [0x08, "array.new_fixed", ["type", "count"], undefined, "bulkArray"],
    [0x09, "array.new_data", ["type", "data"], undefined, "bulkArray"],
    [0x0a, "array.new_elem", ["type", "element"], undefined, "bulkArray"],
    [0x0b, "array.get", ["type"], undefined],
    [0x0c, "array.get_s", ["type"], undefined],
    [0x0d, "array.get_u", ["type"], undefined],
    [0x0e, "array.set", ["type"], undefined],
    [0x0f, "array.len", NONE, undefined],
    [0x10, "array.fill", ["type"], undefined, "bulkArray"],
    [0x11, "array.copy", ["type", "type"], undefined, "bulkArray"],
    [0x12, "array.init_data", ["type", "data"], undefined, "bulkArray"],
    [0x13, "array.init_elem", ["type", "element"], undefined, "bulkArray"],
    [0x14, "ref.test", ["heaptype"], undefined],
    [0x15, "ref.test null", ["heaptype"], undefined],
    [0x16, "ref.cast", ["heaptype"], undefined],
    [0x17, "ref.cast null", ["heaptype"], undefined],
    [0x18, "br_on_cast", ["castflags", "label", "heaptype", "heaptype"], undefined, "branch"],
    [0x19, "br_on_cast_fail", ["castflags", "label", "heaptype", "heaptype"], undefined, "branch"],
    [0x1a, "any.convert_extern", NONE, undefined],
    [0x1b, "extern.convert_any", NONE, undefined],
    [0x1c, "ref.i31", NONE, undefined],
    [0x1d, "i31.get_s", NONE, undefined],
    [0x1e, "i31.get_u", NONE, undefined],
  ]),
];
