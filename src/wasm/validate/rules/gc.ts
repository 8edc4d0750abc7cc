/** Structs, arrays and i31 (specification, section 3.4, aggregate instructions). */
import { IMPLEMENTATION_LIMITS } from "../../implementation_limits.ts";
import type { InstructionReader } from "../../instructions.ts";
import type { FieldType } from "../../module.ts";
import {
  abstractRef,
  concreteRef,
  formatType,
  HEAP,
  I16,
  I32,
  I8,
  isRef,
  type ValueType,
} from "../../types.ts";
import type { CodeState } from "../code_state.ts";
import { isDefaultable } from "../locals.ts";
import { checkDataSegment } from "./memory.ts";
import type { Rules } from "./rule.ts";
import { segmentType } from "./tables.ts";

const I31REF = abstractRef(HEAP.i31, true);
const ARRAYREF = abstractRef(HEAP.array, true);

function isPacked(type: ValueType): boolean {
  return type === I8 || type === I16;
}

/** The type of a field's value on the operand stack. */
function unpacked(type: ValueType): ValueType {
  return isPacked(type) ? I32 : type;
}

function structFields(state: CodeState, typeIndex: number): readonly FieldType[] {
  const composite = state.composite(typeIndex);
  if (composite.kind === "struct") return composite.fields;
  throw state.error(
    `${state.mnemonic()} expects a struct type, type ${typeIndex} is a ${composite.kind} type`,
  );
}

function structField(state: CodeState, reader: InstructionReader): FieldType {
  const fields = structFields(state, reader.index);
  const field = fields[reader.index2];
  if (field === undefined) throw state.unknown("field", reader.index2, fields.length);
  return field;
}

function arrayField(state: CodeState, typeIndex: number): FieldType {
  const composite = state.composite(typeIndex);
  if (composite.kind === "array") return composite.field;
  throw state.error(
    `${state.mnemonic()} expects an array type, type ${typeIndex} is a ${composite.kind} type`,
  );
}

function mutableArrayField(state: CodeState, typeIndex: number): FieldType {
  const field = arrayField(state, typeIndex);
  checkMutable(state, field);
  return field;
}

function checkMutable(state: CodeState, field: FieldType): void {
  if (!field.mutable) throw state.error(`${state.mnemonic()} writes to an immutable field`);
}

function checkDefaultable(state: CodeState, field: FieldType): void {
  if (!isDefaultable(field.storage)) {
    throw state.error(`${state.mnemonic()} finds no default for ${formatType(field.storage)}`);
  }
}

/** A packed field is read with a sign, any other without. */
function checkPacked(state: CodeState, field: FieldType, packed: boolean): void {
  if (isPacked(field.storage) !== packed) {
    throw state.error(
      `${state.mnemonic()} expects a ${packed ? "packed" : "full"} field, found ${formatType(field.storage)}`,
    );
  }
}

/** Arrays of bytes in data segments hold no references. */
function checkNumeric(state: CodeState, field: FieldType): void {
  if (isRef(field.storage)) {
    throw state.error(`${state.mnemonic()} expects an array of numbers, found ${formatType(field.storage)}`);
  }
}

function checkElements(state: CodeState, field: FieldType, segment: number): void {
  const type = segmentType(state, segment);
  if (!state.context.isSubtype(type, field.storage)) {
    throw state.error(`${state.mnemonic()} cannot put ${formatType(type)} into ${formatType(field.storage)}`);
  }
}

function structGet(packed: boolean) {
  return (state: CodeState, reader: InstructionReader) => {
    const field = structField(state, reader);
    checkPacked(state, field, packed);
    state.pop(concreteRef(reader.index, true));
    state.push(unpacked(field.storage));
  };
}

function arrayGet(packed: boolean) {
  return (state: CodeState, reader: InstructionReader) => {
    const field = arrayField(state, reader.index);
    checkPacked(state, field, packed);
    state.pop(I32);
    state.pop(concreteRef(reader.index, true));
    state.push(unpacked(field.storage));
  };
}

/** Position and length in a segment give a new array. */
function newFromSegment(state: CodeState, reader: InstructionReader): void {
  state.pop(I32);
  state.pop(I32);
  state.push(concreteRef(reader.index, false));
}

/** An array, a position in it, a position in a segment, a length. */
function initFromSegment(state: CodeState, reader: InstructionReader): void {
  state.pop(I32);
  state.pop(I32);
  state.pop(I32);
  state.pop(concreteRef(reader.index, true));
}

function i31Get(state: CodeState): void {
  state.pop(I31REF);
  state.push(I32);
}

export const GC_RULES: Rules = {
  "struct.new": (state, reader) => {
    const fields = structFields(state, reader.index);
    state.spend(fields.length);
    for (let index = fields.length - 1; index >= 0; index--) {
      state.pop(unpacked(fields[index]?.storage ?? I32));
    }
    state.push(concreteRef(reader.index, false));
  },

  "struct.new_default": (state, reader) => {
    const fields = structFields(state, reader.index);
    state.spend(fields.length);
    for (const field of fields) checkDefaultable(state, field);
    state.push(concreteRef(reader.index, false));
  },

  "struct.get": structGet(false),
  "struct.get_s": structGet(true),
  "struct.get_u": structGet(true),

  "struct.set": (state, reader) => {
    const field = structField(state, reader);
    checkMutable(state, field);
    state.pop(unpacked(field.storage));
    state.pop(concreteRef(reader.index, true));
  },

  "array.new": (state, reader) => {
    const field = arrayField(state, reader.index);
    state.pop(I32);
    state.pop(unpacked(field.storage));
    state.push(concreteRef(reader.index, false));
  },

  "array.new_default": (state, reader) => {
    checkDefaultable(state, arrayField(state, reader.index));
    state.pop(I32);
    state.push(concreteRef(reader.index, false));
  },

  "array.new_fixed": (state, reader) => {
    const type = unpacked(arrayField(state, reader.index).storage);
    const { limit } = IMPLEMENTATION_LIMITS.arrayNewFixed;
    if (reader.index2 > limit) {
      throw state.error(`array.new_fixed lists ${reader.index2} elements, the limit is ${limit}`);
    }
    state.popMany(type, reader.index2);
    state.push(concreteRef(reader.index, false));
  },

  "array.new_data": (state, reader) => {
    checkNumeric(state, arrayField(state, reader.index));
    checkDataSegment(state, reader.index2);
    newFromSegment(state, reader);
  },

  "array.new_elem": (state, reader) => {
    checkElements(state, arrayField(state, reader.index), reader.index2);
    newFromSegment(state, reader);
  },

  "array.get": arrayGet(false),
  "array.get_s": arrayGet(true),
  "array.get_u": arrayGet(true),

  "array.set": (state, reader) => {
    const field = mutableArrayField(state, reader.index);
    state.pop(unpacked(field.storage));
    state.pop(I32);
    state.pop(concreteRef(reader.index, true));
  },

  "array.len": (state) => {
    state.pop(ARRAYREF);
    state.push(I32);
  },

  "array.fill": (state, reader) => {
    const field = mutableArrayField(state, reader.index);
    state.pop(I32);
    state.pop(unpacked(field.storage));
    state.pop(I32);
    state.pop(concreteRef(reader.index, true));
  },

  "array.copy": (state, reader) => {
    const to = mutableArrayField(state, reader.index).storage;
    const from = arrayField(state, reader.index2).storage;
    if (!state.context.isSubtype(from, to)) {
      throw state.error(`array.copy cannot put ${formatType(from)} into ${formatType(to)}`);
    }
    state.pop(I32);
    state.pop(I32);
    state.pop(concreteRef(reader.index2, true));
    state.pop(I32);
    state.pop(concreteRef(reader.index, true));
  },

  "array.init_data": (state, reader) => {
    checkNumeric(state, mutableArrayField(state, reader.index));
    checkDataSegment(state, reader.index2);
    initFromSegment(state, reader);
  },

  "array.init_elem": (state, reader) => {
    checkElements(state, mutableArrayField(state, reader.index), reader.index2);
    initFromSegment(state, reader);
  },

  "ref.i31": (state) => {
    state.pop(I32);
    state.push(abstractRef(HEAP.i31, false));
  },

  "i31.get_s": i31Get,
  "i31.get_u": i31Get,
};
