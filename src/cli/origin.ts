import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** The origin of pages that may ask a server, as --cors has it. @throws {AegisError} `InvalidOption` */
export function readOrigin(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return text;
  throw new AegisError("InvalidOption", `Cannot let pages of ${quote(text)} ask: give an origin`, {
    field: "cors",
    suggestion: "Write it as https://board.example or http://localhost:3000.",
  });
}
