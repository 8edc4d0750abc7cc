/** Status of a command whose reader went away, as `head` does: 128 and the number of SIGPIPE, as shells tell it. */
export const READER_GONE = 141;

/**
 * Writes to a stream until everything is out.
 *
 * @param readerGone what becomes of this process when nobody reads any more; by default it goes on, and what it says is lost
 */
export function writeOut(
  stream: { writeSync(part: Uint8Array): number },
  text: string,
  readerGone: () => void = () => {},
): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    readerGone();
  }
}
