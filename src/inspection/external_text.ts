import type { ExternalType } from "../wasm/external_type.ts";

/** `1 pages`, `1 pages (max 4)`, with what is out of the ordinary behind. */
function sizeText(
  unit: string,
  size: { readonly min: bigint; readonly max?: bigint; readonly index64: boolean; readonly shared?: boolean },
): string {
  return `${size.min} ${unit}` + (size.max === undefined ? "" : ` (max ${size.max})`) +
    (size.index64 ? ", 64-bit" : "") + (size.shared ? ", shared" : "");
}

/** The type of an import, export or item behind its name: `(i32) -> ()`, `1 pages`, `10 funcref`, `mut i32`. */
export function externalText(type: ExternalType): string {
  switch (type.kind) {
    case "function":
      return `(${type.params.join(", ")}) -> (${type.results.join(", ")})`;
    case "memory":
      return sizeText("pages", type);
    case "table":
      return sizeText(type.element, type);
    case "global":
      return type.mutable ? `mut ${type.type}` : type.type;
    case "tag":
      return `(${type.params.join(", ")})`;
  }
}
