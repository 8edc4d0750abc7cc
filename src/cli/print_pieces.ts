import type { CommandIo } from "./io.ts";

/** UTF-16 units that are gathered before they are written: a line each would be a system call each. */
const GATHERED = 64 * 1024;

/** Writes a text that is made piece by piece, so that none of it has to be kept. */
export function printPieces(pieces: Iterable<string>, { out }: Pick<CommandIo, "out">): void {
  let gathered: string[] = [], length = 0;
  const flush = () => {
    if (length > 0) out(gathered.join(""));
    gathered = [];
    length = 0;
  };
  try {
    for (const piece of pieces) {
      gathered.push(piece);
      length += piece.length;
      if (length >= GATHERED && piece.endsWith("\n")) flush();
    }
  } finally {
    flush();
  }
}
