/** What is looked at, the same for all: a guest that tries it, and what counts as an answer. */

export interface Check {
  readonly name: string;
  readonly question: string;
  /** The guest, as text; without one it is the program of `tests/programs` that is named. */
  readonly text?: string;
  readonly program?: string;
  /** Of the program; `/data` is the directory that it is granted. */
  readonly args?: readonly string[];
}

/** Milliseconds that a loop may take, pages of memory and entries of a table that a guest may have. */
export const BOUNDS = { time: 500, pages: 64, entries: 10_000 } as const;

/** A guest returns 0 when it was refused more, and traps when it has got more than it may. */
export const CHECKS: readonly Check[] = [
  {
    name: "loop",
    question: "ends a loop without end, and no thread computes on",
    text: `(module (func (export "run") (result i32) (loop $l (br $l)) (i32.const 0)))`,
  },
  {
    name: "caught",
    question: "ends one that catches every exception",
    text: `(module (func $spin (loop $l (br $l)))
      (func (export "run") (result i32) (loop $l (block $out (try_table (catch_all $out) (call $spin))) (br $l)) (i32.const 0)))`,
  },
  {
    name: "fuel",
    question: "counts what a guest executes, and stops it at the same place each time",
    text: `(module (func (export "run") (result i32) (local i32)
      (loop $l (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $l)) (i32.const 0)))`,
  },
  {
    name: "memory",
    question: "bounds the memory that a guest grows",
    text: `(module (memory (export "memory") 1) (func (export "run") (result i32)
      (loop $l (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then (return (i32.const 0))))
        (br_if $l (i32.le_u (memory.size) (i32.const ${BOUNDS.pages}))))
      unreachable))`,
  },
  {
    name: "table",
    question: "bounds the tables that it grows",
    text: `(module (table 1 funcref) (func (export "run") (result i32)
      (loop $l (if (i32.eq (table.grow 0 (ref.null func) (i32.const 1000)) (i32.const -1)) (then (return (i32.const 0))))
        (br_if $l (i32.le_u (table.size 0) (i32.const ${BOUNDS.entries}))))
      unreachable))`,
  },
  {
    name: "link",
    question: "has files, and a link in a granted directory leads nowhere outside",
    program: "cat",
    args: ["/data/link"],
  },
  {
    name: "readonly",
    question: "grants a directory for reading alone",
    program: "copy_tree",
    args: ["/data/inner", "/data/copy"],
  },
];

/** `yes` and `no` were seen; `none` is what it does not offer. */
export type Answer = "yes" | "no" | "none";

/** What one of them says of a check, on the last line that it prints. */
export interface Said {
  readonly answer: Answer;
  readonly detail: string;
}

/** The same for what the directory has afterwards. */
export interface Folder {
  /** Granted, with `link`, which leads to a file outside, and `inner`, a directory with a file. */
  readonly granted: string;
  /** What the file outside holds. */
  readonly secret: string;
}
