import { escapeUnits, UNSAFE } from "./plain_text.ts";

/** Longest quotation in a message, in UTF-16 units; a guest may choose names of 100,000 bytes. */
const LONGEST = 120;

/**
 * Puts text of unknown origin, for instance a name that a guest chose, into quotes for a message: on one line,
 * without control characters, cut where it is long.
 */
export function quote(text: string): string {
  return quoteUpTo(text, LONGEST);
}

/** The same for text that is longer than a name. @param most UTF-16 units that are shown */
export function quoteUpTo(text: string, most: number): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  return JSON.stringify(shown).replace(UNSAFE, escapeUnits); // JSON leaves alone what is above ASCII
}
