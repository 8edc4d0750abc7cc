/** What a guest returns as a prompt: a text, which becomes a message of the user's, or messages. */
import type { CallValue } from "../../core/value.ts";
import { CallFailed } from "./failure.ts";
import { isRecord } from "./json_bounds.ts";

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

/** @throws {CallFailed} `InvalidResult` for what is no prompt */
export function promptResult(
  value: CallValue | undefined,
  { kind, description }: { readonly kind: string; readonly description: string | undefined },
): PromptResult {
  const messages = kind === "string" ? [message({ text: value })] : messagesOf(value);
  return { ...(description === undefined ? {} : { description }), messages };
}

function messagesOf(value: unknown): PromptMessage[] {
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

function refused(why: string): CallFailed {
  return new CallFailed("InvalidResult", `The prompt cannot be passed on: ${why}`);
}
