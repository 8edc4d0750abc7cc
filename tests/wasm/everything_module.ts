/** One module that has every kind of section and item; V8 accepts it. */
import {
  body,
  type Bytes,
  customSection,
  exportOf,
  EXTERNREF,
  F64,
  FUNCREF,
  funcType,
  I32,
  I64,
  importOf,
  leb,
  name,
  rawModule,
  SECTION,
  section,
  vec,
} from "./module_builder.ts";

const text = (value: string): Bytes => [...new TextEncoder().encode(value)];
const i32 = (value: number): Bytes => [0x41, value, 0x0b];

const STRUCT = 2, ARRAY = 3;

const types = [
  funcType([], []),
  funcType([I32, I64], [F64, I32]),
  [0x4e, 2, 0x50, 0, 0x5f, 3, 0x78, 1, 0x77, 0, 0x63, ARRAY, 1, 0x4f, 0, 0x5e, 0x64, STRUCT, 1],
  [0x4f, 1, STRUCT, 0x5f, 4, 0x78, 1, 0x77, 0, 0x63, ARRAY, 1, I32, 0],
  funcType([I32], []),
];
const TAG_TYPE = 5;

const imports = [
  importOf("env", "f", [0, 0]),
  importOf("env", "t", [1, FUNCREF, 1, 1, 10]),
  importOf("env", "m", [2, 1, 1, 2]),
  importOf("env", "g", [3, I32, 0]),
  importOf("env", "tag", [4, 0, TAG_TYPE]),
];

const tables = [
  [FUNCREF, 0, 3],
  [0x40, 0, 0x64, 0x70, 1, 2, 3, 0xd2, 1, 0x0b],
  [EXTERNREF, 5, 1, ...leb(2 ** 33)],
];

const memories = [[0, 1], [3, 1, 2], [5, 1, 5]];

const globals = [
  [I32, 0, ...i32(5)],
  [I64, 1, 0x42, 1, 0x42, 2, 0x7c, 0x0b],
  [0x63, STRUCT, 1, 0xd0, STRUCT, 0x0b],
  [I32, 0, 0x23, 0, 0x0b],
];

const exports = [
  exportOf("f", 0, 1),
  exportOf("t", 1, 1),
  exportOf("m", 2, 0),
  exportOf("g", 3, 1),
  exportOf("tag", 4, 0),
];

/** All eight forms of element segments, in order. */
const elements = [
  [0, ...i32(0), 2, 0, 1],
  [1, 0, 1, 1],
  [2, 1, ...i32(0), 0, 1, 1],
  [3, 0, 1, 2],
  [4, ...i32(0), 1, 0xd0, 0x70, 0x0b],
  [5, 0x70, 1, 0xd2, 1, 0x0b],
  [6, 1, ...i32(0), 0x70, 1, 0xd2, 0, 0x0b],
  [7, 0x70, 1, 0xd2, 2, 0x0b],
];

const data = [
  [0, ...i32(0), ...name("active")],
  [1, ...name("passive")],
  [2, 1, ...i32(8), ...name("second")],
];

export const EVERYTHING: Uint8Array<ArrayBuffer> = rawModule(
  customSection("before", text("anything")),
  section(SECTION.type, vec(types)),
  section(SECTION.import, vec(imports)),
  section(SECTION.function, vec([[0], [1]])),
  section(SECTION.table, vec(tables)),
  section(SECTION.memory, vec(memories)),
  section(SECTION.tag, vec([[0, 0]])),
  section(SECTION.global, vec(globals)),
  section(SECTION.export, vec(exports)),
  section(SECTION.start, [1]),
  section(SECTION.element, vec(elements)),
  section(SECTION.dataCount, [3]),
  section(
    SECTION.code,
    vec([
      body([], [0x01, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 1, 0]),
      body([[2, I32], [0, F64], [1, I64]], [0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0]),
    ]),
  ),
  section(SECTION.data, vec(data)),
  customSection("after", []),
);
