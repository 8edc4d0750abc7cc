/**
 * What host and guest say of a guest that is watched, as JSON in frames: how it shall be watched, what was seen, and the
 * conversation with one that is stepped. Neither side believes the other: what is read is checked.
 */

/** How the next call is watched. */
export type WatchSettings =
  | {
    readonly mode: "trace";
    readonly level: "functions" | "instructions";
    /** Names and indices of functions; empty for all. */
    readonly filter: string;
    /** Lines at most. */
    readonly lines: number;
  }
  | { readonly mode: "profile" }
  /** @param breakAt names and indices; empty for none */
  | { readonly mode: "step"; readonly breakAt: string };

/** What the guest says with the operation `watched`, by its kind. */
export const WATCHED = {
  /** Some lines of a trace; nothing is answered. */
  trace: 0,
  /** It stands still: how and where; answered by a command. */
  stopped: 1,
  /** What a command asked for: JSON; answered by the next command. */
  answer: 2,
  /** Bytes that a command asked for; answered by the next command. */
  bytes: 3,
} as const;

/** What the host says to a guest that stands still. */
export type WatchCommand =
  | { readonly do: "step"; readonly count: number }
  | { readonly do: "over" | "out" | "continue" | "frames" }
  | { readonly do: "break"; readonly at: string }
  | { readonly do: "memory"; readonly index: number; readonly offset: number; readonly length: number };

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

export function encodeWatch(data: WatchSettings | WatchCommand | object): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(JSON.stringify(data));
}

/** @throws {SyntaxError} */
export function decodeWatch(bytes: Uint8Array): unknown {
  return JSON.parse(DECODER.decode(bytes.slice())); // what is shared cannot be decoded
}
