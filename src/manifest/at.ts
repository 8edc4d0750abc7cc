/** Where in which file a value stands: how its paths are placed, and how messages about it name it. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { dirname, join } from "../sandbox/path.ts";

/** A mistake in a manifest. Its `field` is the path of the key: `modules.greeter.fuel_limit`. */
export class ManifestError extends AegisError {
  /** The file, as it was named. */
  readonly file: string;
  /** From 1; undefined where it is not known. */
  readonly line: number | undefined;

  constructor(
    message: string,
    { file, line, ...options }: {
      readonly file: string;
      readonly line?: number | undefined;
      readonly field?: string;
      readonly suggestion?: string;
      readonly cause?: unknown;
    },
  ) {
    super("InvalidOption", message, options);
    this.file = file;
    this.line = line;
  }
}

/** What is known of a file beside its document. */
export interface FilePlace {
  /** As it was named. */
  readonly file: string;
  /** Lines of keys by their paths. */
  readonly lines: ReadonlyMap<string, number>;
}

/** A key as a message shows it: a name that is no bare key of TOML is quoted. */
export function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : quote(key);
}

/** Whether a path is one from the root of a file system. */
function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}

/** A place in a file. */
export class At {
  readonly #place: FilePlace;
  readonly #keys: readonly string[];

  constructor(place: FilePlace, keys: readonly string[] = []) {
    this.#place = place;
    this.#keys = keys;
  }

  /** The path of the key: `modules.greeter.fuel_limit`; empty for the file as a whole. */
  get path(): string {
    return this.#keys.map(keyText).join(".");
  }

  get file(): string {
    return this.#place.file;
  }

  /** The line of the key, or of the table that it stands in. */
  get line(): number | undefined {
    for (let length = this.#keys.length; length > 0; length--) {
      const line = this.#place.lines.get(this.#keys.slice(0, length).map(keyText).join("."));
      if (line !== undefined) return line;
    }
    return undefined;
  }

  /** How messages name the key. */
  get shown(): string {
    return `${this.path} of ${quote(this.file)}`;
  }

  /** The place of a key below this one. */
  below(key: string): At {
    return new At(this.#place, [...this.#keys, key]);
  }

  /** A path of the file: relative to the folder that the file is in. What is called - is a file, and not stdin. */
  place(path: string): string {
    const placed = isAbsolute(path) ? path : join(dirname(this.file), path);
    return placed === "-" ? "./-" : placed;
  }

  #error(message: string, suggestion: string | undefined, cause?: unknown): ManifestError {
    return new ManifestError(message, {
      file: this.file,
      line: this.line,
      ...(this.#keys.length === 0 ? {} : { field: this.path }),
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** The error for a value that the key cannot have. */
  cannotSet(value: unknown, allowed: string, suggestion?: string): ManifestError {
    const plain = ["string", "number", "bigint", "boolean"].includes(typeof value);
    return plain
      ? this.#error(`Cannot set ${this.shown} to ${quote(String(value))}: ${allowed}`, suggestion)
      : this.#error(
        `Cannot use configuration ${quote(this.file)}: ${quote(this.path)} cannot be a ${
          Array.isArray(value) ? "list" : value instanceof Date ? "date" : "table"
        }: ${allowed}`,
        suggestion,
      );
  }

  /** The error for a key, or for the file, that cannot be used. */
  refuse(reason: string, suggestion?: string): ManifestError {
    const of = this.#keys.length === 0 ? "" : `${quote(this.path)}: `;
    return this.#error(`Cannot use configuration ${quote(this.file)}: ${of}${reason}`, suggestion);
  }

  /** The error for a key that nobody reads. */
  unknown(known: readonly string[]): ManifestError {
    const near = suggest(this.#keys.at(-1) ?? "", known);
    return this.#error(
      `Cannot use configuration ${quote(this.file)}: unknown key ${quote(this.path)}`,
      near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : `Known keys: ${known.join(", ")}.`,
    );
  }

  /** What a reader of the library throws, as an error of this place. */
  within<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AegisError) || this.owns(error)) throw error;
      throw this.#error(error.message, error.suggestion, error);
    }
  }

  /** Whether an error says already where it is. */
  owns(error: unknown): error is ManifestError {
    return error instanceof ManifestError;
  }
}
