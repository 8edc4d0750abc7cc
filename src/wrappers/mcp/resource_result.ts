/** What a resource is made of, as the protocol has it. */
import type { CallValue } from "../../core/value.ts";
import { resultJson } from "./kind_schema.ts";
import type { Kind } from "../../core/signature.ts";

/** The result of reading a resource. */
export interface ResourceResult {
  readonly contents: readonly (
    | { readonly uri: string; readonly mimeType: string; readonly text: string }
    | { readonly uri: string; readonly mimeType: string; readonly blob: string }
  )[];
  readonly [key: string]: unknown;
}

/** Text stays text, bytes are base64, anything else is JSON. */
export function resourceResult(
  value: CallValue | undefined,
  { kind, uri, mimeType }: {
    readonly kind: string;
    readonly uri: string;
    readonly mimeType: string | undefined;
  },
): ResourceResult {
  if (value instanceof Uint8Array && kind === "bytes") {
    return { contents: [{ uri, mimeType: mimeType ?? "application/octet-stream", blob: value.toBase64() }] };
  }
  if (kind === "string") {
    return { contents: [{ uri, mimeType: mimeType ?? "text/plain", text: String(value) }] };
  }
  const json = value === undefined ? null : resultJson(kind as Kind, value); // of a signature
  const text = JSON.stringify(json) ?? "null";
  return { contents: [{ uri, mimeType: mimeType ?? "application/json", text }] };
}
