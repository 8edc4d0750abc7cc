/** The form of the rows of flags. */

/**
 * How the value of a flag is read.
 *
 *     text     as it is                          size    bytes, or with a unit: 65536, 64MiB
 *     count    a whole number, or with a unit    time    seconds, or with a unit: 10, 500ms, 2m
 *     choice   one of `choices`                  switch  no value      level   no value, counts its repetitions
 *     list     text, as often as it is given     number  a whole number
 */
export type FlagKind = "text" | "size" | "count" | "time" | "choice" | "switch" | "level" | "list" | "number";

/** What there is to say of a flag. */
export interface FlagRow {
  /** Long name, without dashes. */
  readonly long: string;
  /** One letter. */
  readonly short?: string;
  readonly kind: FlagKind;
  readonly metavar?: string;
  readonly choices?: readonly string[];
  /** The value that it has where none stands behind a "="; the next word is none. */
  readonly alone?: string;
  readonly doc: string;
}
