import { textError } from "../../wasm/text_error.ts";
import type { WatAnswer, WatRequest } from "./wat_protocol.ts";
import { answerMessages, type WorkerScope } from "./worker_messages.ts";

/** The parser, as its package exports it. */
export interface TextParser {
  compile(text: string): Uint8Array;
}

/** Turns text into modules for a page. @param load gets the parser, when the first text comes */
export function startParsing(scope: WorkerScope, load: () => Promise<TextParser>): void {
  let loading: Promise<TextParser> | undefined;
  answerMessages(scope, async (request): Promise<WatAnswer> => {
    const { text } = request as WatRequest; // only the page that started this Worker can post to it
    const { compile } = await (loading ??= load());
    try {
      return { bytes: new Uint8Array(compile(text)) };
    } catch (error) {
      throw textError(error, text);
    }
  });
}
