import type { CommandIo } from "./io.ts";

/** UTF-16 units that are gathered before they are written: a line each would be a system call each. */
const GATHERED = 64 * 1024;

/** Writes a text that is made piece by piece, so that none of it has to be kept; pieces may end within a line. */
export function printPieces(pieces: Iterable<string>, { out }: Pick<CommandIo, "out">): void {
  let gathered: string[] = [], length = 0;
  const flush = () => {
    const text = gathered.join(""), end = text.lastIndexOf("\n") + 1;
    if (end > 0) out(text.slice(0, end));
    gathered = [text.slice(end)];
    length = text.length - end;
  };
  try {
    for (const piece of pieces) {
      gathered.push(piece);
      length += piece.length;
      if (length >= GATHERED) flush();
    }
  } finally {
    // What was cut off by an error ends its line.
    if (length > 0 && !gathered.at(-1)?.endsWith("\n")) gathered.push("\n");
    if (length > 0) flush();
  }
}
