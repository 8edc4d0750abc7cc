/** What a run says about itself beside its result: kept for the JSON output, and printed on stderr as `-v` asks. */
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";

/** Levels by name; the value is the number of `-v` from which on they are told. */
const DIAGNOSTIC_LEVELS = { info: 1, debug: 2, trace: 3 } as const;

/** A key of {@linkcode DIAGNOSTIC_LEVELS}. */
export type DiagnosticLevel = keyof typeof DIAGNOSTIC_LEVELS;

export interface Diagnostic {
  readonly level: DiagnosticLevel;
  readonly message: string;
  /** Milliseconds since the process started. */
  readonly time: number;
}

/** Collects what the asked verbosity covers. */
export class Diagnostics {
  readonly #collected: Diagnostic[] = [];
  readonly #verbosity: number;
  readonly #print: (text: string) => void;
  readonly #faint: (text: string) => string;
  readonly #now: () => number;

  constructor(
    verbosity: number,
    options: { readonly print: (text: string) => void; readonly colour: boolean; readonly now: () => number },
  ) {
    this.#verbosity = verbosity;
    this.#print = options.print;
    this.#faint = styleFor(options.colour).faint;
    this.#now = options.now;
  }

  /** What was told so far, oldest first. */
  get collected(): readonly Diagnostic[] {
    return this.#collected;
  }

  /** Tells a fact, at once, if the verbosity reaches its level. */
  tell(level: DiagnosticLevel, message: string): void {
    if (this.#verbosity < DIAGNOSTIC_LEVELS[level]) return;
    this.#collected.push({ level, message, time: this.#now() });
    this.#print(`${this.#faint(`${level}:`)} ${printable(message)}\n`);
  }
}
