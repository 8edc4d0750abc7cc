import { escapeShort, escapeUnits, UNSAFE } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";

/** Makes text of unknown origin safe to print on one line: unsafe characters become `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escapeShort);
}

/** The same for several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** A name in a listing: as it is where that is plain, else quoted like the names in errors. */
export function printableName(name: string): string {
  return name === "" || /[\s"\\]/.test(name) || printable(name) !== name ? quote(name) : name;
}

/** Escapes the same characters inside JSON text, where they can stand in strings alone. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (character) => {
    // Line breaks of pretty-printed JSON are ours; inside strings they were escaped already.
    return character === "\n" ? character : escapeUnits(character);
  });
}
