/** Server-sent events out of a stream of bytes (HTML Living Standard, section 9.2.6), without `id` and `retry`. */

/** An event. */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
}

/** Characters of an event at most: the server sends far less. */
const LONGEST = 4 * 1024 * 1024;

/**
 * Reads events until the stream ends.
 *
 * @param onLine told of each line, comments included: the connection lives
 */
export async function readEvents(
  stream: ReadableStream<Uint8Array>,
  { onEvent, onLine }: { readonly onEvent: (event: ServerEvent) => void; readonly onLine: () => void },
): Promise<void> {
  const reader = stream.getReader(), decoder = new TextDecoder();
  let rest = "", type = "message", data: string[] = [];
  const take = (line: string) => {
    onLine();
    if (line === "") {
      if (data.length > 0) onEvent({ type, data: data.join("\n") });
      type = "message";
      data = [];
      return;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") type = value;
    if (field === "data") data.push(value);
  };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST) {
      throw new Error("Cannot read events: one is longer than any that the server sends");
    }
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
