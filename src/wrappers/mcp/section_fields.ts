/** How the fields of the section are read: what is missing, of another kind or unknown is an error with its place. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { isRecord } from "./json_bounds.ts";

/** An object of the section whose keys are known. */
export class SectionRecord {
  readonly #fields: Readonly<Record<string, unknown>>;
  /** How messages name it: `tools[0]`. */
  readonly place: string;

  /** @throws {AegisError} `ModuleRefused` for what is no object, and for keys that nobody reads */
  constructor(value: unknown, place: string, known: readonly string[]) {
    this.place = place;
    if (!isRecord(value)) throw refused(`${place} is no object`);
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = suggest(key, known);
      throw refused(
        `${place} has key ${quote(key)}: use ${known.join(", ")}`,
        near.length === 0 ? undefined : `Did you mean ${near.map(quote).join(" or ")}?`,
      );
    }
    this.#fields = value;
  }

  /** How messages name a field of it. */
  at(key: string): string {
    return this.place === "" ? key : `${this.place}.${key}`;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key);
  }

  get(key: string): unknown {
    return this.has(key) ? this.#fields[key] : undefined;
  }

  text(key: string): string {
    const value = this.get(key);
    if (typeof value !== "string" || value === "") throw refused(`${this.at(key)} is no text`);
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  optionalTruth(key: string): boolean | undefined {
    const value = this.get(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw refused(`${this.at(key)} is neither true nor false`);
  }

  /** Undefined where there is none. @param most items */
  list(key: string, most: number): readonly unknown[] | undefined {
    if (!this.has(key)) return undefined;
    const value = this.get(key);
    if (!Array.isArray(value)) throw refused(`${this.at(key)} is no list`);
    if (value.length > most) throw refused(`${this.at(key)} has ${value.length} items, the limit is ${most}`);
    return value;
  }
}

/** The error for something in the section; whoever reads the section says so in front. */
export function refused(what: string, suggestion?: string): AegisError {
  return new AegisError("ModuleRefused", what, suggestion === undefined ? {} : { suggestion });
}
