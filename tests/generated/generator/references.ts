/** References: to functions, of hosts, null or not. */
import { indexed } from "./blueprint.ts";
import type { CodeWriter, Forms } from "./code_writer.ts";
import {
  heapTypeBytes,
  isNullable,
  isReference,
  referredType,
  typeBytes,
  type ValueType,
} from "./value_type.ts";

const REF_NULL = 0xd0, REF_IS_NULL = 0xd1, REF_FUNC = 0xd2, REF_AS_NON_NULL = 0xd4;

/** Functions that a reference of this type may name. */
function functionsOf(to: CodeWriter, type: ValueType): number[] {
  if (type !== "funcref" && !type.startsWith("ref ")) return [];
  const referable = to.blueprint.referable();
  if (type === "funcref") return referable;
  const wanted = referredType(type);
  return referable.filter((index) => to.blueprint.type(to.blueprint.signature(index)) === wanted);
}

function reference(to: CodeWriter, type: ValueType): void {
  const functions = functionsOf(to, type);
  // Without such a function a reference that is not null can only come out of a trap.
  if (functions.length === 0) to.emit(REF_NULL, ...heapTypeBytes(type), REF_AS_NON_NULL);
  else to.emit(...indexed(REF_FUNC, to.random.pick(functions)));
}

const values = [
  {
    weight: 1,
    applies: isReferenceThatMayBeNull,
    write: (to: CodeWriter, type: ValueType) => to.emit(REF_NULL, ...heapTypeBytes(type)),
  },
  {
    weight: 4,
    applies: (type: ValueType, to: CodeWriter) => functionsOf(to, type).length > 0,
    write: reference,
  },
  {
    weight: 1,
    applies: (type: ValueType, to: CodeWriter) => /^ref \d/.test(type) && to.often(8),
    write: (to: CodeWriter, type: ValueType) => {
      to.value(`ref null ${referredType(type)}`);
      to.emit(REF_AS_NON_NULL);
    },
  },
  {
    weight: 1,
    applies: (type: ValueType) => type === "i32",
    write: (to: CodeWriter) => {
      to.value(to.random.pick(["funcref", "externref"]));
      to.emit(REF_IS_NULL);
    },
  },
  {
    weight: 1,
    applies: (type: ValueType) => isReference(type),
    write: (to: CodeWriter, type: ValueType) => {
      to.values([type, type]);
      to.condition();
      to.emit(0x1c, 1, ...typeBytes(type));
    },
  },
];

function isReferenceThatMayBeNull(type: ValueType): boolean {
  return isReference(type) && isNullable(type);
}

export const REFERENCE_FORMS: Forms & { function(to: CodeWriter, type: ValueType): void } = {
  values,
  function: reference,
};
