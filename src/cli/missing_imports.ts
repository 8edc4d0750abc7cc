/** What a run says of imports: it provides none, so one that is missing means that all are. */
import { MissingImportError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { WASI_MODULES } from "./needs.ts";

/** An import by its two names. */
export interface ImportName {
  readonly module: string;
  readonly name: string;
}

/** Said wherever a module imports from WASI. */
export const NEEDS_WASI = "The module needs WASI, which is not offered yet";

/** Most imports that a hint names; JSON has all of them. */
const MOST_NAMES = 20;

function listed(imports: readonly ImportName[]): string {
  const names = imports.slice(0, MOST_NAMES).map(({ module, name }) => `${quote(module)} ${quote(name)}`);
  const more = imports.length - names.length;
  return names.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** The way out, or why there is none; names the imports where they are several. */
function importsHint(imports: readonly ImportName[]): string {
  const why = imports.some(({ module }) => WASI_MODULES.includes(module))
    ? `${NEEDS_WASI}.`
    : '"aegis run" offers no imports; with the library you can register host functions.';
  return imports.length > 1 ? `${why} Missing: ${listed(imports)}.` : why;
}

/** The linker's error for the first import, with a hint about all of them. */
export class MissingImportsError extends MissingImportError {
  override readonly suggestion: string;
  readonly imports: readonly ImportName[];

  constructor(first: MissingImportError, imports: readonly ImportName[]) {
    super(first.module, first.importName, "");
    this.message = first.message;
    this.imports = imports.map(({ module, name }) => ({ module, name }));
    this.suggestion = importsHint(imports);
  }
}
