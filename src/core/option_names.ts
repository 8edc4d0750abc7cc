/** The check that every object of options goes through: a name that nobody reads would be a wish that nobody hears. */
import { AegisError } from "./errors.ts";
import { quote } from "./quote.ts";
import { suggest } from "./suggestion.ts";

/** The names of some options; complete for their type, as the compiler sees to it. */
export interface OptionNames<Options extends object = Record<string, unknown>> {
  /** Where they are used, behind "Cannot use option …": `of a call`. */
  readonly place: string;
  /** What the error's field has before the name: `network` makes `network.ports`. @default nothing */
  readonly group?: string;
  /** The values say nothing. */
  readonly names: Readonly<Record<keyof Options, unknown>>;
}

/**
 * Refuses what is no object, and names that are none of these. What a library may have put on `Object.prototype` is
 * not looked at.
 *
 * @throws {AegisError} `InvalidOption`, its field the unknown name
 */
export function checkOptionNames<Options extends object>(
  options: unknown,
  known: OptionNames<Options>,
): void {
  const { place, names } = known;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const got = options === null ? "null" : Array.isArray(options) ? "an array" : `a ${typeof options}`;
    throw new AegisError("InvalidOption", `Cannot use ${got} as the options ${place}: give an object`, {
      field: "options",
    });
  }
  for (const key of Object.keys(options)) if (!Object.hasOwn(names, key)) throw unknownOption(key, known);
}

/** The error for a name that is none of these: says what is allowed, and what may have been meant. */
function unknownOption<Options extends object>(
  key: string,
  { place, group, names }: OptionNames<Options>,
): AegisError {
  const allowed = Object.keys(names), near = suggest(key, allowed);
  const suggestion = near.length === 0 ? undefined : `Did you mean ${near.map(quote).join(" or ")}?`;
  const use = `${allowed.length === 1 ? "use" : "use one of"} ${allowed.join(", ")}`;
  return new AegisError(
    "InvalidOption",
    `Cannot use option ${quote(key)} ${place}: ${use}${suggestion === undefined ? "" : `. ${suggestion}`}`,
    {
      field: group === undefined ? key : `${group}.${key}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  );
}
