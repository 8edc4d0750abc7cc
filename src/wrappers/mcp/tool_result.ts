/** Values that a guest returns as the content of a tool's result. */
import { isContentKind, type Kind } from "../../core/signature.ts";
import type { CallValue } from "../../core/value.ts";
import { CallFailed, type Failure, failureText } from "./failure.ts";
import { isRecord } from "./json_bounds.ts";
import { resultJson } from "./kind_schema.ts";
import { schemaProblem } from "./schema_match.ts";
import type { ModuleTool } from "./tool.ts";

/** A piece of a result. */
export type Content =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image" | "audio"; readonly data: string; readonly mimeType: string }
  | {
    readonly type: "resource";
    readonly resource: { readonly uri: string; readonly mimeType: string; readonly blob: string };
  };

/** The result of a tool, as the protocol has it. */
export interface ToolResult {
  readonly content: readonly Content[];
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly isError?: true;
  readonly _meta?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** The result of a call that failed. */
export function failedResult(failure: Failure): ToolResult {
  return {
    content: [{ type: "text", text: failureText(failure) }],
    isError: true,
    // Structured content would have to be what the tool promised.
    _meta: { "aegis/error": failure },
  };
}

/** The result of a call that returned. @throws {CallFailed} for what is not what the tool promised */
export function valueResult(
  tool: Pick<ModuleTool, "name" | "results" | "outputSchema" | "mimeType">,
  values: readonly CallValue[],
  uri: string,
): ToolResult {
  const { results, outputSchema, mimeType } = tool, [kind] = results, [value] = values;
  if (kind === undefined || value === undefined) return checked({ content: [] }, outputSchema);
  if (value instanceof Uint8Array && kind === "bytes") {
    return checked({ content: [bytesContent(value, { mimeType, uri })] }, outputSchema);
  }
  if (kind === "string") {
    const text = String(value), content: Content[] = [{ type: "text", text }];
    return outputSchema === undefined
      ? { content }
      : checked({ content, structuredContent: { result: text } }, outputSchema);
  }
  const json = values.map((one, index) => resultJson(results[index] as Kind, one)); // as many as there are values
  const result = json.length === 1 ? json[0] : json;
  // Numbers that are text in JSON are numbers to a reader.
  const text = typeof result === "string" && !isContentKind(kind) ? result : JSON.stringify(result) ?? "null";
  const structured = isRecord(result) ? result : { result };
  return checked({ content: [{ type: "text", text }], structuredContent: structured }, outputSchema);
}

/** The result of a program that ended. */
export function programResult(
  { status, stdout, stderr, truncated }: {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly truncated: boolean;
  },
): ToolResult {
  const said = status === 0 ? stdout : `${stdout}${stderr}\nThe program ended with status ${status}.`;
  return {
    content: [{ type: "text", text: said }],
    structuredContent: { status, stdout, stderr, truncated },
    ...(status === 0 ? {} : { isError: true as const }),
  };
}

/** Bytes as what they are: an image, a sound, or a file of unknown kind. */
function bytesContent(
  value: Uint8Array,
  { mimeType, uri }: { readonly mimeType: string | undefined; readonly uri: string },
): Content {
  const data = value.toBase64(), type = mimeType ?? "application/octet-stream";
  if (/^image\//i.test(type)) return { type: "image", data, mimeType: type };
  if (/^audio\//i.test(type)) return { type: "audio", data, mimeType: type };
  return { type: "resource", resource: { uri, mimeType: type, blob: data } };
}

function checked(result: ToolResult, schema: ModuleTool["outputSchema"]): ToolResult {
  if (schema === undefined) return result;
  const problem = schemaProblem(schema, result.structuredContent ?? {});
  if (problem === undefined) return { ...result, structuredContent: result.structuredContent ?? {} };
  throw new CallFailed("InvalidResult", `The tool returned what its outputSchema does not allow: ${problem}`);
}
