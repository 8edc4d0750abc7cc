/** Control characters but tabs and line breaks, and what is not seen or turns the direction of what is. */
const UNSEEN = /[^\P{C}\n\t]|\p{Zl}|\p{Zp}/gu;

/** What a guest wrote, as it is shown: what cannot be seen stands there as `\x1b` or `\u202e`. */
export function printedText(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0, digits = code.toString(16);
    if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
    return code < 0x1_0000 ? `\\u${digits.padStart(4, "0")}` : `\\u{${digits}}`;
  });
}
