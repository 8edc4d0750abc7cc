/** Server-sent events as a client reads them. */

/** An event: its name, and what it carries. */
export interface ServerEvent {
  readonly type: string;
  readonly data: unknown;
}

/** The events of an answer, until it ends. */
export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent> {
  let text = "";
  for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const type = /^event: (.*)$/m.exec(block)?.[1], data = /^data: (.*)$/m.exec(block)?.[1];
      if (type !== undefined && data !== undefined) yield { type, data: JSON.parse(data) };
    }
  }
}
