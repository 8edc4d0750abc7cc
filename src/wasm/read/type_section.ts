import type { Cursor } from "../cursor.ts";
import { checkLimit } from "../implementation_limits.ts";
import type { CompositeType, FieldType, SubType } from "../module.ts";
import { unexpectedByte } from "../read_errors.ts";
import type { ValueType } from "../types.ts";
import { type CountRule, readCount, readIndex } from "./count.ts";
import type { Draft } from "./draft.ts";
import { readFlag } from "./flag.ts";
import { readStorageType, readValueType } from "./value_types.ts";

/** The bytes that open a type. */
const FORM = {
  recursionGroup: 0x4e,
  subFinal: 0x4f,
  sub: 0x50,
  array: 0x5e,
  struct: 0x5f,
  func: 0x60,
} as const;

const SECTION = 'section "type"';

const SUPERTYPES: CountRule = { limit: "supertypes", what: "supertypes" };
const PARAMS: CountRule = { limit: "params", what: "parameters" };
const RESULTS: CountRule = { limit: "results", what: "results" };
const FIELDS: CountRule = { limit: "fields", what: "fields" };

/** Stands for every empty list, since a hostile module can have two million of them. */
const EMPTY: readonly never[] = [];

/**
 * Reads types. An index in a type may name any type before it and any of its own recursion group; a supertype stands
 * before its subtype.
 */
export function readTypeSection(cursor: Cursor, draft: Draft): void {
  const count = readCount(cursor, draft, { limit: "types", what: SECTION });
  for (let item = 0; item < count; item++) {
    const offset = cursor.position;
    const start = draft.types.length;
    let size = 1;
    if (cursor.peek() === FORM.recursionGroup) {
      cursor.position++;
      size = cursor.u32("recursion group");
    }
    checkLimit(draft.limits, "types", start + size, { what: SECTION, noun: "count", offset });
    for (let member = 0; member < size; member++) draft.types.push(readSubType(cursor, draft, start + size));
    draft.groups.push({ start, size });
  }
}

function readSubType(cursor: Cursor, draft: Draft, typeBound: number): SubType {
  const offset = cursor.position;
  const form = cursor.peek();
  if (form !== FORM.sub && form !== FORM.subFinal) {
    return { final: true, supertypes: EMPTY, composite: readComposite(cursor, draft, typeBound), offset };
  }
  cursor.position++;
  const supertypes: number[] = [];
  for (let left = readCount(cursor, draft, SUPERTYPES); left > 0; left--) {
    supertypes.push(readIndex(cursor, draft.types.length, "supertype"));
  }
  return {
    final: form === FORM.subFinal,
    supertypes,
    composite: readComposite(cursor, draft, typeBound),
    offset,
  };
}

function readComposite(cursor: Cursor, draft: Draft, typeBound: number): CompositeType {
  const offset = cursor.position;
  const form = cursor.u8("type");
  switch (form) {
    case FORM.func: {
      const params = readValueTypes(cursor, draft, typeBound, PARAMS);
      return { kind: "func", params, results: readValueTypes(cursor, draft, typeBound, RESULTS) };
    }
    case FORM.struct: {
      const fields: FieldType[] = [];
      for (let left = readMemberCount(cursor, draft, FIELDS); left > 0; left--) {
        fields.push(readField(cursor, typeBound));
      }
      return { kind: "struct", fields };
    }
    case FORM.array:
      return { kind: "array", field: readField(cursor, typeBound) };
    default:
      throw unexpectedByte("type", form, "0x60 (func), 0x5f (struct) or 0x5e (array)", offset);
  }
}

function readValueTypes(
  cursor: Cursor,
  draft: Draft,
  typeBound: number,
  rule: CountRule,
): readonly ValueType[] {
  let left = readMemberCount(cursor, draft, rule);
  if (left === 0) return EMPTY;
  const types: ValueType[] = [];
  for (; left > 0; left--) types.push(readValueType(cursor, typeBound));
  return types;
}

function readField(cursor: Cursor, typeBound: number): FieldType {
  return { storage: readStorageType(cursor, typeBound), mutable: readFlag(cursor, "mutability") };
}

/** The members of one type are limited, and so are those of all types together: they take far more heap than bytes. */
function readMemberCount(cursor: Cursor, draft: Draft, rule: CountRule): number {
  const offset = cursor.position;
  const count = readCount(cursor, draft, rule);
  draft.typeMembers += count;
  checkLimit(draft.limits, "typeMembers", draft.typeMembers, {
    what: SECTION,
    noun: "count of parameters, results and fields",
    offset,
  });
  return count;
}
