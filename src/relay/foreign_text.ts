/**
 * What a child says in words, for messages of ours. It may have fallen into wrong hands, and messages reach logs and
 * terminals: its words stand in quotes, on one line and without control characters, where they enter this process.
 */
import { DataError } from "../protocol/data.ts";
import { FrameError } from "../protocol/frame.ts";
import { quoteUpTo } from "../core/quote.ts";
import { WireError } from "./wire.ts";

/** UTF-16 units of a child's words that are shown: enough for an error with where it was thrown. */
const SHOWN = 1000;

/** Puts a child's words into quotes. */
export function quoteChild(words: string): string {
  return quoteUpTo(words.trim(), SHOWN);
}

/** The content of a `failed` packet, for a message. */
export function failureText(content: Uint8Array): string {
  return `its program failed: ${quoteChild(new TextDecoder().decode(content))}`;
}

/** What an error says that was thrown over a child's packets: others than these may repeat what was in them. */
export function errorText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof WireError || error instanceof FrameError || error instanceof DataError;
  return isOurs ? message : quoteChild(message);
}
