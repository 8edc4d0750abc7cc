/** What a build makes: a program, which starts at `_start`, or a library, whose functions are called. */
import type { LanguageName } from "./languages.ts";

/** The types, as `type` of `[build]` has them. */
export const OUTPUT_TYPES = ["program", "library"] as const;

/** One of {@linkcode OUTPUT_TYPES}. */
export type OutputType = typeof OUTPUT_TYPES[number];

/** What in a source says that it is a program. Go has a `main` in libraries, too: there the exports tell. */
const MAIN: Readonly<Record<LanguageName, (source: string) => boolean>> = {
  wat: (source) => /\(\s*export\s+"_start"/.test(source),
  assemblyscript: (source) => /^\s*export\s+function\s+_start\b/m.test(source),
  c: (source) => /^[^\n;/*#]*\bmain\s*\(/m.test(source),
  rust: (source) => /^\s*(?:pub\s+)?fn\s+main\s*\(/m.test(source),
  go: (source) => !/^\/\/(?:go:wasmexport|export)\s/m.test(source),
  zig: (source) => /^\s*pub\s+fn\s+main\s*\(/m.test(source),
};

/** What a source makes where nobody says it. @param source its text */
export function guessOutputType(language: LanguageName, source: string): OutputType {
  return MAIN[language](source) ? "program" : "library";
}
