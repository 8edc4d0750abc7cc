/** Words that were read, or why they cannot be. */
export interface ArgumentLines {
  readonly words: readonly string[];
  readonly problem: string | undefined;
}

/** Words of one program, as the server takes them. */
const MOST_WORDS = 1000;

/**
 * Reads the arguments of a program from lines: each line is one, as it stands. A line that begins and ends with a quotation
 * mark is a string of JSON, so that there are arguments that are empty, or have line breaks. Empty lines are none.
 */
export function readArgumentLines(text: string): ArgumentLines {
  const words: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line === "") continue;
    const word = line.length > 1 && line.startsWith('"') && line.endsWith('"') ? fromJson(line) : line;
    if (word === undefined) return { words: [], problem: `Line ${index + 1} is not a string of JSON` };
    words.push(word);
  }
  if (words.length <= MOST_WORDS) return { words, problem: undefined };
  return { words: [], problem: `At most ${MOST_WORDS} arguments` };
}

/** A word as a line that is read as it. */
export function argumentLine(word: string): string {
  return word === "" || /[\r\n]/.test(word) || /^".*"$/s.test(word) ? JSON.stringify(word) : word;
}

function fromJson(line: string): string | undefined {
  try {
    return JSON.parse(line) as string; // what stands in quotation marks is text, or no JSON
  } catch {
    return undefined;
  }
}
