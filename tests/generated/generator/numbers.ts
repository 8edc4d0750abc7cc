/**
 * Numbers and vectors. The bits of a NaN that arithmetic makes are not defined, so they must never become visible: what
 * looks at bits (reinterpret, store, copysign, the lanes of a vector) is given one and the same NaN.
 */
import { indexed, integer } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import type { NumberType, ValueType } from "./value_type.ts";
import type { OpcodeRow } from "../../../src/wasm/opcode.ts";
import { OPCODES } from "../../../src/wasm/opcodes.ts";
import { type Bytes, leb, sleb } from "../../wasm/module_builder.ts";

interface Operation {
  readonly row: OpcodeRow;
  readonly params: readonly NumberType[];
}

const NUMBER_TYPES: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64", "v128"]);
const isNumber = (type: string): type is NumberType => NUMBER_TYPES.has(type);

/** Operations that trap on some operands. */
const MAY_TRAP = /\.(?:div|rem)_|^i\d\d\.trunc_f/;
/** Vector operations whose results are floats that were computed. */
const FLOAT_LANES = /^f(?:32x4|64x2)\.(?!(?:eq|ne|lt|gt|le|ge|extract_lane)$)/;

function operations(): ReadonlyMap<ValueType, readonly Operation[]> {
  const byResult = new Map<ValueType, Operation[]>();
  for (const row of OPCODES) {
    if (row.feature === "relaxed-simd" || row.feature === "threads" || row.cost !== "plain") continue;
    if (row.immediates.some((kind) => kind !== "lane" && kind !== "lanes")) continue;
    const [left = "", right = ""] = row.signature?.split("->") ?? [];
    const params = left.split(" ").filter((part) => part !== ""), result = right.trim();
    if (params.length === 0 || !params.every(isNumber) || !isNumber(result)) continue;
    byResult.set(result, [...byResult.get(result) ?? [], { row, params }]);
  }
  return byResult;
}

const OPERATIONS = operations();

const LOCAL_GET = 0x20,
  LOCAL_SET = 0x21,
  LOCAL_TEE = 0x22,
  GLOBAL_GET = 0x23,
  GLOBAL_SET = 0x24,
  SELECT = 0x1b;
const F32_EQ = 0x5b, F64_EQ = 0x61;
const CANONICAL_F32: Bytes = [0, 0, 0xc0, 0x7f], CANONICAL_F64: Bytes = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];

/** Replaces the NaN on top by the canonical one. */
export function canonical(to: CodeWriter, type: ValueType): void {
  if (type !== "f32" && type !== "f64") return;
  const local = to.scratch(type);
  const nan = type === "f32" ? [0x43, ...CANONICAL_F32] : [0x44, ...CANONICAL_F64];
  to.emit(...indexed(LOCAL_TEE, local), ...nan, ...indexed(LOCAL_GET, local), ...indexed(LOCAL_GET, local));
  to.emit(type === "f32" ? F32_EQ : F64_EQ, SELECT);
}

function canonicalLanes(to: CodeWriter, wide: boolean): void {
  const local = to.scratch("v128");
  const nan = wide ? [...CANONICAL_F64, ...CANONICAL_F64] : [1, 2, 3, 4].flatMap(() => CANONICAL_F32);
  to.emit(
    ...indexed(LOCAL_TEE, local),
    0xfd,
    0x0c,
    ...nan,
    ...indexed(LOCAL_GET, local),
    ...indexed(LOCAL_GET, local),
  );
  to.emit(0xfd, wide ? 0x47 : 0x41, 0xfd, 0x52); // eq, v128.bitselect
}

function operation(to: CodeWriter, type: ValueType): void {
  const { random } = to, list = OPERATIONS.get(type) ?? [];
  let chosen = random.pick(list);
  while ((chosen.params.includes("v128") && !to.blueprint.simd)) chosen = random.pick(list);
  const { row: { mnemonic, prefix, sub, immediates }, params } = chosen;
  const traps = MAY_TRAP.test(mnemonic);
  params.forEach((param, index) => {
    to.value(param);
    if (/reinterpret/.test(mnemonic) || (/copysign/.test(mnemonic) && index === 1)) canonical(to, param);
    // A divisor that is odd and no -1, as a rule.
    if (traps && index === 1 && !to.often(40)) {
      to.emit(...integer(0xffff, param === "i64"), ...divisor(param));
    }
    if (traps && params.length === 1 && !to.often(20)) to.emit(...small(param));
  });
  to.emit(...prefix >= 0xfb ? [prefix, ...leb(sub)] : [prefix]);
  for (const kind of immediates) {
    if (kind === "lanes") to.emit(...Array.from({ length: 16 }, () => random.below(32)));
    else to.emit(random.below(laneCount(mnemonic)));
  }
  if (FLOAT_LANES.test(mnemonic)) canonicalLanes(to, mnemonic.startsWith("f64"));
}

const laneCount = (mnemonic: string): number => Number(/x(\d+)/.exec(mnemonic)?.[1] ?? 1);

/** `and`, then `or 1`, after a constant. */
function divisor(type: NumberType): Bytes {
  return type === "i64" ? [0x83, ...integer(1, true), 0x84] : [0x71, ...integer(1), 0x72];
}

/** Makes a float small enough to convert, a NaN too: whether it is below 100. */
function small(type: NumberType): Bytes {
  return type === "f32"
    ? [0x43, 0, 0, 0xc8, 0x42, 0x5d, 0xb2] // f32.lt 100, convert
    : [0x44, 0, 0, 0, 0, 0, 0, 0x59, 0x40, 0x63, 0xb7];
}

function constant(to: CodeWriter, type: ValueType): void {
  const { random } = to;
  const bytes = (count: number) => Array.from({ length: count }, () => random.below(256));
  switch (type) {
    case "i32":
      return to.emit(...integer(to.often(3) ? random.below(2 ** 32) | 0 : to.interesting()));
    case "i64":
      return to.emit(0x42, ...sleb(BigInt(to.interesting()) << BigInt(random.below(33))));
    case "f32":
      return to.emit(0x43, ...(to.often(4) ? bytes(4) : floatBytes(to.interesting(), 4)));
    case "f64":
      return to.emit(0x44, ...(to.often(4) ? bytes(8) : floatBytes(to.interesting() / 8, 8)));
    default:
      return to.emit(0xfd, 0x0c, ...bytes(16));
  }
}

function floatBytes(value: number, size: 4 | 8): Bytes {
  const view = new DataView(new ArrayBuffer(8));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return [...new Uint8Array(view.buffer, 0, size)];
}

function globalsOf(to: CodeWriter, type: ValueType): number[] {
  return to.blueprint.globals.flatMap((global, index) => global.type === type && index > 1 ? [index] : []);
}

function writableGlobals(to: CodeWriter): number[] {
  return to.blueprint.globals.flatMap((global, index) => global.mutable && index > 1 ? [index] : []);
}

export const NUMBER_FORMS: Forms = {
  values: [
    { weight: 3, applies: isNumber, write: constant },
    { weight: 9, applies: isNumber, write: operation },
    {
      weight: 6,
      applies: (type, to) => to.readable(type) !== undefined,
      write: (to, type) => to.emit(...indexed(LOCAL_GET, to.readable(type) ?? 0)),
    },
    {
      weight: 2,
      applies: (type, to) => to.ofType(type) !== undefined,
      write: (to, type) => {
        to.value(type);
        const local = to.ofType(type);
        if (local !== undefined) to.emit(...indexed(LOCAL_TEE, local));
      },
    },
    {
      weight: 2,
      applies: (type, to) => globalsOf(to, type).length > 0,
      write: (to, type) => to.emit(...indexed(GLOBAL_GET, to.random.pick(globalsOf(to, type)))),
    },
    {
      weight: 1,
      applies: isNumber,
      write: (to, type) => {
        to.values([type, type]);
        to.condition();
        to.emit(SELECT);
      },
    },
    // Statements over an operand that waits.
    {
      weight: 2,
      applies: () => true,
      write: (to, type) => {
        to.value(type);
        to.statements(2);
      },
    },
    { weight: 1, applies: (type) => type === "i32", write: (to) => to.draw(3) },
  ],
  statements: [
    {
      weight: 6,
      applies: (to) => to.locals.length > 0,
      write: (to) => {
        const type = to.random.pick(to.locals), local = to.writable(type);
        to.value(type);
        to.emit(...(local === undefined ? [0x1a] : indexed(LOCAL_SET, local)));
      },
    },
    {
      weight: 2,
      write: (to) => {
        const type = to.blueprint.numberType();
        to.value(type);
        to.consume([type]);
      },
    },
    {
      weight: 3,
      applies: (to) => writableGlobals(to).length > 0,
      write: (to) => {
        const index = to.random.pick(writableGlobals(to)), global = to.blueprint.globals[index];
        to.value(global?.type ?? "i32");
        to.emit(...indexed(GLOBAL_SET, index));
      },
    },
    { weight: 1, write: (to) => to.emit(0x01) },
  ],
};
