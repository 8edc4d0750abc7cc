/**
 * The words of a tool's command line. Those that begin with `--aegis-` are for us, up to a `--`; all others are the
 * guest's. Ours can take away from what was baked, and never add to it.
 */
import { AegisError } from "../../core/errors.ts";
import { formatLimit, type LimitOptions, resolveLimits } from "../../core/limits.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { readFlagValue } from "../flag_value.ts";
import { type FlagName, FLAGS } from "../flags.ts";
import type { FlagRow } from "../flags/flag_row.ts";
import { type Format, FORMATS } from "../flags/setting_flags.ts";
import type { GuestPlan } from "../guest_plan.ts";
import { LIMIT_FLAGS } from "../limit_flags.ts";
import type { PlanGrants } from "../../manifest/grants.ts";

/** What every word of ours begins with. */
export const OURS = "--aegis-";

/** What `--aegis-without` takes away, by the word behind it. */
export const WITHOUT = {
  files: { directories: [] },
  net: { net: [] },
  env: { env: [] },
  clock: { clock: false },
  random: { random: false },
  logging: { logging: false },
  sensors: { sensors: [] },
  alerts: { alert: null },
} as const satisfies Readonly<Record<string, Partial<PlanGrants>>>;

/** A key of {@linkcode WITHOUT}. */
type WithoutName = keyof typeof WITHOUT;

type LimitFlag = typeof LIMIT_FLAGS[number];

/** The options of every tool, in the order in which help lists them. */
export const TOOL_OPTIONS: readonly {
  readonly word: string;
  readonly metavar?: string;
  readonly doc: string;
}[] = [
  { word: `${OURS}help`, doc: "Tell what the tool is made of, and may do" },
  ...LIMIT_FLAGS.map((name) => ({
    word: `${OURS}${FLAGS[name].long}`,
    metavar: FLAGS[name].metavar,
    doc: "Less than what is baked",
  })),
  {
    word: `${OURS}without`,
    metavar: "KIND",
    doc: `Take a grant away: ${Object.keys(WITHOUT).join(", ")}`,
  },
  { word: `${OURS}metrics`, doc: "Print what the run used" },
  { word: `${OURS}verbose`, doc: "Tell on stderr what was denied" },
  { word: `${OURS}format`, metavar: "FORMAT", doc: `Form of the output: ${FORMATS.join(", ")}` },
];

/** What the words of a tool's command line say. */
export interface ToolWords {
  readonly help: boolean;
  /** Limits that were given; not yet compared with those that are baked. */
  readonly limits: Readonly<Partial<Record<LimitFlag, string | number | bigint>>>;
  readonly without: readonly WithoutName[];
  readonly metrics: boolean;
  readonly verbose: boolean;
  readonly format: Format;
  /** For the guest. */
  readonly args: readonly string[];
}

function refuse(message: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", message, { suggestion: suggestion ?? `See: ${OURS}help` });
}

function unknown(word: string): AegisError {
  const known = TOOL_OPTIONS.map((option) => option.word), long = word.slice(OURS.length);
  const rows: readonly FlagRow[] = Object.values(FLAGS);
  if (rows.some((row) => row.long === long)) {
    return refuse(`Cannot use ${quote(word)}: what the tool may do was settled when it was made`);
  }
  const near = suggest(word, known, 2);
  return refuse(
    `Unknown option ${quote(word)} of the tool`,
    near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `A word for the program stands behind "--".`,
  );
}

/**
 * Reads the words of a tool's command line. A word of ours that is none of {@linkcode TOOL_OPTIONS} is refused, not passed on:
 * who mistypes a limit must not run without it.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function readToolWords(words: readonly string[]): ToolWords {
  const args: string[] = [], given = new Map<string, string>(), without: WithoutName[] = [];
  const cut = words.indexOf("--"), end = cut < 0 ? words.length : cut;
  for (let at = 0; at < end; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith(OURS)) {
      args.push(word);
      continue;
    }
    const equals = word.indexOf("="), name = equals < 0 ? word : word.slice(0, equals);
    const option = TOOL_OPTIONS.find((one) => one.word === name);
    if (option === undefined) throw unknown(name);
    if (option.metavar === undefined && equals >= 0) throw refuse(`Option ${name} takes no value`);
    if (option.metavar !== undefined && equals < 0) at++;
    const value = option.metavar === undefined
      ? ""
      : equals >= 0
      ? word.slice(equals + 1)
      : at < end
      ? words[at] ?? ""
      : "";
    if (option.metavar !== undefined && value === "") throw refuse(`Option ${name} needs a value`);
    if (name === `${OURS}without`) {
      if (!isWithout(value)) {
        throw refuse(`Cannot take away ${quote(value)}: use one of ${Object.keys(WITHOUT).join(", ")}`);
      }
      without.push(value);
      continue;
    }
    if (given.has(name)) throw refuse(`Option ${name} is given twice`);
    given.set(name, value);
  }
  const of = (long: string) => given.get(`${OURS}${long}`);
  const format = of("format") === undefined
    ? "human"
    : readFlagValue("format", of("format") ?? "", `${OURS}format`);
  return {
    help: given.has(`${OURS}help`),
    limits: Object.fromEntries(LIMIT_FLAGS.flatMap((name) => {
      const shown = `${OURS}${FLAGS[name].long}`, value = given.get(shown);
      return value === undefined ? [] : [[name, readLimitFlag(name, value, shown)]];
    })),
    without,
    metrics: given.has(`${OURS}metrics`),
    verbose: given.has(`${OURS}verbose`),
    format: FORMATS.find((one) => one === format) ?? "human",
    args: [...args, ...words.slice(end)],
  };
}

function isWithout(word: string): word is WithoutName {
  return Object.hasOwn(WITHOUT, word);
}

function readLimitFlag(name: FlagName & LimitFlag, value: string, shown: string): string | number | bigint {
  return readFlagValue(name, value, shown) as string | number | bigint; // of a size, a time or a count
}

/**
 * What the guest runs with when words have taken from it.
 *
 * @throws {AegisError} `InvalidOption` for a limit above the one that is baked
 */
export function narrowGuest(
  guest: GuestPlan,
  { limits, without }: Pick<ToolWords, "limits" | "without">,
): GuestPlan {
  const narrowed: Record<string, number | bigint> = {};
  for (const name of LIMIT_FLAGS) {
    const given = limits[name];
    if (given === undefined) continue;
    const options: LimitOptions = { [name]: given }, wanted = resolveLimits(options)[name];
    if (wanted > guest.limits[name]) {
      throw refuse(
        `Cannot set ${OURS}${FLAGS[name].long} to ${quote(formatLimit(name, wanted))}: ` +
          `this tool was made with ${
            quote(formatLimit(name, guest.limits[name]))
          }, and can only be given less`,
      );
    }
    narrowed[name] = wanted;
  }
  const taken = without.map((name): Partial<PlanGrants> => WITHOUT[name]);
  return {
    ...guest,
    limits: Object.freeze({ ...guest.limits, ...narrowed }),
    grants: Object.assign({}, guest.grants, ...taken) as PlanGrants, // parts of grants over whole ones
  };
}
