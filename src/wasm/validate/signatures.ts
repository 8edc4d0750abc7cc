/**
 * The signatures of the opcode table as dense arrays by key: how an instruction that is not irregular moves operands.
 * Every row has a signature, or a rule in `rules/`; a rule takes precedence.
 */
import { OPCODE_KEYS, opcodeKey, type OpcodeRow } from "../opcode.ts";
import { OPCODES } from "../opcodes.ts";
import { BOTTOM, byteWidth, F32, F64, I32, I64, V128, type ValueType } from "../types.ts";
import { CALL_RULES } from "./rules/calls.ts";
import { CONTROL_RULES } from "./rules/control.ts";
import { EXCEPTION_RULES } from "./rules/exceptions.ts";
import { GC_RULES } from "./rules/gc.ts";
import { MEMORY_RULES } from "./rules/memory.ts";
import { REFERENCE_RULES } from "./rules/references.ts";
import type { Rule, Rules } from "./rules/rule.ts";
import { TABLE_RULES } from "./rules/tables.ts";
import { VARIABLE_RULES } from "./rules/variables.ts";

const RULES_BY_NAME: Rules = {
  ...CONTROL_RULES,
  ...VARIABLE_RULES,
  ...CALL_RULES,
  ...REFERENCE_RULES,
  ...MEMORY_RULES,
  ...TABLE_RULES,
  ...GC_RULES,
  ...EXCEPTION_RULES,
};

/** What has to be checked of an instruction: the values of {@linkcode FORMS}. */
export const FORM = {
  /** By a rule. */
  irregular: 0,
  /** By its signature alone. */
  regular: 1,
  /** By a rule, which the hot loop has a copy of for the common case. */
  localGet: 2,
  localSet: 3,
  localTee: 4,
  /** By its signature, in which the address stands first, and its memory, alignment and offset. */
  access: 5,
  /** The same, and its lane. */
  accessLane: 6,
  /** By its signature and its lane. */
  lane: 7,
  /** By its signature and its 16 lanes. */
  shuffle: 8,
} as const;

const COPIED: Readonly<Record<string, number>> = {
  "local.get": FORM.localGet,
  "local.set": FORM.localSet,
  "local.tee": FORM.localTee,
};

/** Stands in signatures for the address type of a memory; the first operand wherever it stands. */
const ADDRESS = "addr";

const TYPES: Readonly<Record<string, ValueType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  v128: V128,
  [ADDRESS]: BOTTOM,
};

function types(row: OpcodeRow, list: string): ValueType[] {
  return list.split(" ").filter((name) => name !== "").map((name) => {
    const type = TYPES[name];
    if (type === undefined) {
      throw new Error(`Cannot read the signature of "${row.mnemonic}": "${name}" is no type`);
    }
    return type;
  });
}

interface Signature {
  readonly operands: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Operands and results of a row; operands of irregular rows are of no use and left empty. */
function signature(row: OpcodeRow): Signature {
  if (RULES_BY_NAME[row.mnemonic] !== undefined) return { operands: [], results: [] };
  const [left, right, ...rest] = (row.signature ?? "").split("->");
  if (left === undefined || right === undefined || rest.length > 0) {
    throw new Error(`Cannot validate "${row.mnemonic}": it has neither a rule nor a signature`);
  }
  const read = { operands: types(row, left), results: types(row, right) };
  if (read.operands.length > 3 || read.results.length > 1 || read.operands.lastIndexOf(BOTTOM) > 0) {
    throw new Error(`Cannot validate "${row.mnemonic}": its signature needs a rule`);
  }
  return read;
}

function formOf(row: OpcodeRow): number {
  if (RULES_BY_NAME[row.mnemonic] !== undefined) return COPIED[row.mnemonic] ?? FORM.irregular;
  const has = new Set(row.immediates);
  if (has.has("memarg")) return has.has("lane") ? FORM.accessLane : FORM.access;
  if (has.has("lanes")) return FORM.shuffle;
  return has.has("lane") ? FORM.lane : FORM.regular;
}

/** Lanes of the vector that a row's lane immediate counts: by the shape in its name, or by the width of its access. */
function lanesOf(row: OpcodeRow): number {
  if (row.immediates.includes("lanes")) return 32;
  if (!row.immediates.includes("lane")) return 0;
  const shape = /^[if]\d+x(\d+)\./.exec(row.mnemonic);
  return shape === null ? 16 >> row.alignment : Number(shape[1]);
}

function dense(value: (row: OpcodeRow) => number): number[] {
  const table: number[] = new Array(OPCODE_KEYS).fill(0);
  for (const row of OPCODES) table[opcodeKey(row.prefix, row.sub)] = value(row);
  return table;
}

/**
 * A signature in one number, a small integer for V8: how many operands, then seven bits for each type, the deepest
 * operand first and the result last. 0 stands for an address and for no type.
 */
function pack({ operands, results }: Signature): number {
  const [first = BOTTOM, second = BOTTOM, third = BOTTOM] = operands;
  const [result = BOTTOM] = results;
  return operands.length | first << 2 | second << 9 | third << 16 | result << 23;
}

export function operandCount(packed: number): number {
  return packed & 3;
}

export function firstOperand(packed: number): ValueType {
  return packed >> 2 & 0x7f;
}

export function secondOperand(packed: number): ValueType {
  return packed >> 9 & 0x7f;
}

export function thirdOperand(packed: number): ValueType {
  return packed >> 16 & 0x7f;
}

export function resultOf(packed: number): ValueType {
  return packed >> 23;
}

function growth({ operands, results }: Signature): number {
  const bytes = (types: readonly ValueType[]) =>
    types.reduce((sum, type) => sum + (type === BOTTOM ? 0 : byteWidth(type)), 0);
  return bytes(results) - bytes(operands);
}

/** Numbers made of signatures, by key. Hundreds of rows share some sixty signatures, and each is read once. */
function denseSignatures(value: (signature: Signature) => number): number[] {
  const known = new Map<string, number>();
  return dense((row) => {
    const text = RULES_BY_NAME[row.mnemonic] === undefined ? row.signature : undefined;
    if (text === undefined) return value(signature(row));
    const made = known.get(text) ?? value(signature(row));
    known.set(text, made);
    return made;
  });
}

/** {@linkcode FORM} by key. */
export const FORMS: Uint8Array = Uint8Array.from(dense(formOf));

/** Packed signatures by key. */
export const SIGNATURES: Int32Array = Int32Array.from(denseSignatures(pack));

/** Bytes by which the operand stack grows in the stack's cost model; an address is not counted. */
export const GROWTHS: Int8Array = Int8Array.from(denseSignatures(growth));

/** A lane immediate must be below this. */
export const LANES: Uint8Array = Uint8Array.from(dense(lanesOf));

/** 1 where the alignment must be the natural one and no smaller. */
export const EXACT_ALIGNMENT: Uint8Array = Uint8Array.from(
  dense((row) => row.feature === "threads" ? 1 : 0),
);

function rulesByKey(): readonly (Rule | undefined)[] {
  const rules: (Rule | undefined)[] = new Array(OPCODE_KEYS).fill(undefined);
  for (const row of OPCODES) rules[opcodeKey(row.prefix, row.sub)] = RULES_BY_NAME[row.mnemonic];
  return rules;
}

/** Rules by key, for the irregular instructions. */
export const RULES: readonly (Rule | undefined)[] = rulesByKey();
