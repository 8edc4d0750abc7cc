import type { ErrorCode } from "../../src/core/errors.ts";
import type { GuestValue } from "./instance.ts";

/** Calls that never end by themselves, or end badly, and how they must end under the default limits. */
export interface EndingRow {
  /** Path below `examples/`. */
  readonly file: string;
  readonly function: string;
  readonly args: readonly GuestValue[];
  readonly ends: Extract<ErrorCode, "OutOfFuel" | "StackOverflow" | "MemoryExceeded" | "Trap">;
  readonly note: string;
}

/** `start_loop.wat` ends while it is instantiated, before the call. */
export const endingRows: readonly EndingRow[] = [
  { file: "endless_loop.wat", function: "spin", args: [], ends: "OutOfFuel", note: "an empty loop" },
  { file: "endless_loop.wat", function: "count", args: [], ends: "OutOfFuel", note: "a loop with a counter" },
  { file: "start_loop.wat", function: "answer", args: [], ends: "OutOfFuel", note: "in the start function" },
  {
    file: "catch_all_loop.wat",
    function: "survive",
    args: [],
    ends: "OutOfFuel",
    note: "catches everything",
  },
  {
    file: "endless_recursion.wat",
    function: "descend",
    args: [],
    ends: "StackOverflow",
    note: "one function",
  },
  {
    file: "endless_recursion.wat",
    function: "ping",
    args: [0n],
    ends: "StackOverflow",
    note: "two functions",
  },
  {
    file: "c/calculator/calculator.wasm",
    function: "nested",
    args: [30000],
    ends: "StackOverflow",
    note: "recursion that follows a text",
  },
  { file: "memory_hog.wat", function: "hog", args: [], ends: "MemoryExceeded", note: "fails when refused" },
  { file: "multi_value.wat", function: "divmod", args: [1, 0], ends: "Trap", note: "division by zero" },
  { file: "multi_value.wat", function: "divmod", args: [-2147483648, -1], ends: "Trap", note: "overflow" },
  {
    file: "assemblyscript/life/life.wasm",
    function: "population",
    args: [-1, 8, 1],
    ends: "Trap",
    note: "an index out of range, found by the language's own check",
  },
];
