/** What a resource is made of, as the protocol has it. */
import type { CallValue } from "../../core/value.ts";
import { PROTOCOL_CODES, ProtocolError } from "./failure.ts";
import { boundsProblem } from "./json_bounds.ts";
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

/** Text stays text, bytes are base64, anything else is JSON. @throws {ProtocolError} for what is too large */
export function resourceResult(
  value: CallValue | undefined,
  { kind, uri, mimeType, most }: {
    readonly kind: string;
    readonly uri: string;
    readonly mimeType: string | undefined;
    readonly most: number;
  },
): ResourceResult {
  if (value instanceof Uint8Array && kind === "bytes") {
    const blob = bounded(value.toBase64(), most);
    return { contents: [{ uri, mimeType: mimeType ?? "application/octet-stream", blob }] };
  }
  if (kind === "string") {
    return { contents: [{ uri, mimeType: mimeType ?? "text/plain", text: bounded(String(value), most) }] };
  }
  const problem = boundsProblem(value);
  if (problem !== undefined) {
    throw new ProtocolError(PROTOCOL_CODES.internal, `The resource cannot be passed on: ${problem}`);
  }
  const json = value === undefined ? null : resultJson(kind as Kind, value); // of a signature
  const text = bounded(JSON.stringify(json) ?? "null", most);
  return { contents: [{ uri, mimeType: mimeType ?? "application/json", text }] };
}

function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  throw new ProtocolError(
    PROTOCOL_CODES.internal,
    `The resource has ${text.length} bytes, the limit is ${most}`,
  );
}
