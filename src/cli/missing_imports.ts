/** What a run says of imports that it does not offer: one that is missing seldom comes alone. */
import { MissingImportError } from "../core/errors.ts";
import { OFFER_IT } from "../sandbox/linker.ts";
import { quote } from "../core/quote.ts";
import type { ImportDescription } from "../wasm/external_type.ts";
import { REBUILD } from "../wasm/module_kind.ts";
import { isOffered } from "../inspection/needs.ts";

/** Most imports that a hint names; JSON has all of them. */
const MOST_NAMES = 20;

type ImportName = Pick<ImportDescription, "module" | "name">;

function listed(imports: readonly ImportName[]): string {
  const names = imports.slice(0, MOST_NAMES).map(({ module, name }) => `${quote(module)} ${quote(name)}`);
  const more = imports.length - names.length;
  return names.join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** The linker's error for the first import, with a hint about all that are missing. */
export class MissingImportsError extends MissingImportError {
  override readonly suggestion: string;
  readonly imports: readonly ImportName[];

  constructor(first: MissingImportError, imports: readonly ImportDescription[]) {
    // What an embedder can do is nothing that the command can.
    super(
      first.module,
      first.importName,
      first.reason,
      first.suggestion === OFFER_IT ? undefined : first.suggestion,
    );
    this.imports = imports.filter((wanted) => !isOffered(wanted)).map(({ module, name }) => ({
      module,
      name,
    }));
    const componentModel = this.imports.some(({ module }) => /^wasi:[a-z-]+\//.test(module));
    const why = componentModel
      ? `It was built for WASI preview 2; Aegis offers preview 1. ${REBUILD}`
      : '"aegis run" offers WASI, "aegis:log", "aegis:http", and of "env" the log, sensors (--sensor) and alerts ' +
        "(--allow-alert); with the library you can register more.";
    this.suggestion = this.imports.length > 1 ? `${why} Missing: ${listed(this.imports)}.` : why;
  }
}
