import { AegisError } from "../core/errors.ts";
import { checkOptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { CapabilityKind, Grant } from "./grants.ts";

/** A grant of one kind. */
export type GrantOf<Kind extends CapabilityKind> = Extract<Grant, { kind: Kind }>;

/**
 * What an embedder gives to a runtime or a sandbox: grants of one kind, checked and frozen. Made by the static methods
 * of the classes for each kind, so that no policy ever holds a grant that was not checked.
 */
export abstract class Capability<Kind extends CapabilityKind = CapabilityKind> {
  /** What the grants are about. */
  readonly kind: Kind;
  /** At least one, frozen. */
  readonly grants: readonly GrantOf<Kind>[];

  /** Takes grants that were checked. */
  protected constructor(kind: Kind, grants: readonly GrantOf<Kind>[]) {
    this.kind = kind;
    for (const grant of grants) Object.freeze(grant);
    this.grants = Object.freeze([...grants]);
    Object.freeze(this);
  }
}

/** Where an option stands, for messages and for an error's `field`. */
interface Place {
  /** As a person finds it: `network.ports`. */
  readonly field: string;
}

/**
 * Refuses keys that mean nothing: a misspelt bound would otherwise bound nothing.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function checkKeys(options: object, place: Place & { readonly allowed: readonly string[] }): void {
  const names = Object.fromEntries(place.allowed.map((name) => [name, true]));
  checkOptionNames(options, { place: `of ${place.field}`, group: place.field, names });
}

/**
 * Checks a list: callers without types pass one text where a list is meant, and a text is iterable, too.
 *
 * @throws {AegisError} `InvalidOption` unless it is an array with at least one item
 */
export function checkList<Item>(list: readonly Item[], place: Place): readonly Item[] {
  if (Array.isArray(list) && list.length > 0) return list;
  const suggestion = "Give an array with at least one item; to grant nothing, leave the capability out.";
  throw new AegisError("InvalidOption", `Cannot read ${place.field}: it is no list. ${suggestion}`, {
    field: place.field,
    suggestion,
  });
}

/**
 * Checks text that is handed to the system, which ends text at a NUL.
 *
 * @param place `empty`: whether it may be empty
 * @throws {AegisError} `InvalidOption`
 */
export function checkText(text: string, place: Place & { readonly empty?: boolean }): string {
  if (
    typeof text === "string" && (text !== "" || place.empty) && !text.includes("\0") && text.isWellFormed()
  ) {
    return text;
  }
  const suggestion = `Use text without NUL${place.empty ? "" : ", at least one character"}.`;
  throw new AegisError("InvalidOption", `Cannot read ${place.field} ${quote(String(text))}. ${suggestion}`, {
    field: place.field,
    suggestion,
  });
}

/**
 * Checks a whole number.
 *
 * @throws {AegisError} `InvalidOption` unless it is a safe integer of at least `least`
 */
export function checkWhole(value: number, place: Place & { readonly least: number }): number {
  if (Number.isSafeInteger(value) && value >= place.least) return value;
  const suggestion = `Use a whole number of at least ${place.least}.`;
  throw new AegisError(
    "InvalidOption",
    `Cannot set ${place.field} to ${quote(String(value))}. ${suggestion}`,
    {
      field: place.field,
      suggestion,
    },
  );
}
