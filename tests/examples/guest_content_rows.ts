/** What the examples of `examples/guest` compute. */
import type { Signature } from "../../src/core/signature.ts";

/** One function and calls of it. */
export interface ContentRow {
  /** Path below `examples/`. */
  readonly file: string;
  readonly function: string;
  readonly signature: Signature;
  readonly calls: readonly (readonly [args: readonly unknown[], result: unknown])[];
}

const bytes = (...list: number[]) => Uint8Array.from(list);

const GREET: Pick<ContentRow, "function" | "signature" | "calls"> = {
  function: "greet",
  signature: { params: ["string"], results: ["string"] },
  calls: [
    [["World"], "Hello, World!"],
    [[""], "Hello, !"],
    [["Zoë 🦉"], "Hello, Zoë 🦉!"],
    [["x".repeat(200_000)], `Hello, ${"x".repeat(200_000)}!`],
  ],
};

const REVERSE: Pick<ContentRow, "function" | "signature" | "calls"> = {
  function: "reverse",
  signature: { params: ["bytes"], results: ["bytes"] },
  calls: [
    [[bytes(1, 2, 3)], bytes(3, 2, 1)],
    [[bytes(0, 255)], bytes(255, 0)],
    [[bytes(7)], bytes(7)],
    [[bytes()], bytes()],
  ],
};

/** Guests that import nothing. */
export const contentRows: readonly ContentRow[] = [
  { file: "guest/greet_c.wasm", ...GREET },
  { file: "guest/greet_c.wasm", ...REVERSE },
  {
    file: "guest/greet_c.wasm",
    function: "about",
    signature: { params: [], results: ["json"] },
    calls: [[[], { name: "greet", functions: ["greet", "reverse", "about", "total"] }]],
  },
  {
    file: "guest/greet_c.wasm",
    function: "total",
    signature: { params: ["json"], results: ["f64"] },
    calls: [
      [[[]], 0],
      [[[1, 20, -300]], -279],
      [[[1.5]], NaN],
      [[{ a: 1 }], NaN],
      [["[]"], NaN],
      [[[-0, 4294967296]], 4294967296],
    ],
  },
  { file: "guest/greet_rust.wasm", ...GREET },
  { file: "guest/greet_rust.wasm", ...REVERSE },
  {
    file: "guest/greet_rust.wasm",
    function: "count_words",
    signature: { params: ["string"], results: ["json"] },
    calls: [
      [["two words"], { words: 2, letters: 9 }],
      [[""], { words: 0, letters: 0 }],
      [["größer"], { words: 1, letters: 6 }],
    ],
  },
  { file: "guest/greet_assemblyscript.wasm", ...GREET },
  { file: "guest/greet_assemblyscript.wasm", ...REVERSE },
];

/** The guest that asks its host for texts. */
export const ASKING_GUEST = "guest/translate.wasm";

/** One that answers the messages of a channel. */
export const RELAYING_GUEST = "guest/relay.wasm";
