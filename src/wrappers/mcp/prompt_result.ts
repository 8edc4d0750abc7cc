/** What a guest returns as a prompt: a text, which becomes a message of the user's, or messages. */
import type { CallValue } from "../../core/value.ts";
import { PROTOCOL_CODES, ProtocolError } from "./failure.ts";
import { boundsProblem, isRecord } from "./json_bounds.ts";

/** Messages of one prompt. */
const MOST_MESSAGES = 100;

/** A message. */
export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly content: { readonly type: "text"; readonly text: string };
}

/** The result of asking for a prompt. */
export interface PromptResult {
  readonly description?: string;
  readonly messages: readonly PromptMessage[];
  readonly [key: string]: unknown;
}

/** @throws {ProtocolError} for what is no prompt */
export function promptResult(
  value: CallValue | undefined,
  { kind, description, most }: {
    readonly kind: string;
    readonly description: string | undefined;
    readonly most: number;
  },
): PromptResult {
  const messages = kind === "string" ? [message({ text: value })] : messagesOf(value);
  const size = messages.reduce((sum, { content }) => sum + content.text.length, 0);
  if (size > most) throw refused(`it has ${size} bytes, the limit is ${most}`);
  return { ...(description === undefined ? {} : { description }), messages };
}

function messagesOf(value: unknown): PromptMessage[] {
  const problem = boundsProblem(value);
  if (problem !== undefined) throw refused(problem);
  if (isRecord(value) && Array.isArray(value["messages"]) && value["messages"].length <= MOST_MESSAGES) {
    return value["messages"].map(message);
  }
  throw refused(`it is no text, and has no list of at most ${MOST_MESSAGES} messages`);
}

function message(value: unknown): PromptMessage {
  const { role = "user", text } = isRecord(value) ? value as { role?: unknown; text?: unknown } : {}; // of unknown fields
  if (role !== "user" && role !== "assistant" || typeof text !== "string") {
    throw refused(`a message is {"role": "user" or "assistant", "text": "…"}`);
  }
  return { role, content: { type: "text", text } };
}

function refused(why: string): ProtocolError {
  return new ProtocolError(PROTOCOL_CODES.internal, `The prompt cannot be passed on: ${why}`);
}
