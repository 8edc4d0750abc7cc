/**
 * Flags of the command, as they are shown to a person who may paste them into a shell. Their values come from guests,
 * so nothing that a shell or a terminal would act on is ever shown.
 */

/** What a shell leaves alone. */
const PLAIN = /^[A-Za-z0-9_./:@%+=-]+$/;

/** What cannot stand between single quotes, in a list, or on a terminal. */
const UNFIT = /[',\p{C}\p{Zl}\p{Zp}]/u;

/** Longest value that is shown, in UTF-16 units. */
const LONGEST = 200;

/** `--allow-read=/data`; undefined where the value cannot be given to the flag safely. */
export function suggestedFlag(flag: string, value: string): string | undefined {
  if (value === "" || value.length > LONGEST || UNFIT.test(value)) return undefined;
  return PLAIN.test(value) ? `--${flag}=${value}` : `--${flag}='${value}'`;
}
