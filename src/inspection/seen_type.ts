import { fitsType, type Signature } from "../core/signature.ts";
import { type FuncType, VALUE_KINDS, type ValueKind } from "../core/value.ts";
import { externalText } from "./external_text.ts";

/** The type that callers of a function see: the stated one where it fits, else that of WebAssembly; or why there is none. */
export function seenType(type: FuncType, stated: Signature | undefined): Signature | string {
  if (stated !== undefined && fitsType(stated, type)) return stated;
  const kinds = [...type.params, ...type.results], foreign = kinds.find((kind) => !isNumeric(kind));
  if (foreign !== undefined) {
    return `its type is ${externalText({ kind: "function", ...type })}, and no ${foreign} can cross`;
  }
  return { params: type.params.filter(isNumeric), results: type.results.filter(isNumeric) };
}

function isNumeric(kind: string): kind is ValueKind {
  return (VALUE_KINDS as readonly string[]).includes(kind);
}
