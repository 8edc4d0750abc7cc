/** Colours of the words that open a line on stderr; without a terminal, or under NO_COLOR, there are none. */
export interface Style {
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly hint: (text: string) => string;
  readonly faint: (text: string) => string;
}

const CODES = { bad: "1;31", warn: "1;33", hint: "36", faint: "2" } as const;

/** The style of a stream. */
export function styleFor(colour: boolean): Style {
  const paint = (code: string) => (text: string) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  return {
    bad: paint(CODES.bad),
    warn: paint(CODES.warn),
    hint: paint(CODES.hint),
    faint: paint(CODES.faint),
  };
}
