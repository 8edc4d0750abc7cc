/** A run as a command line of `aegis run`. */
import { type LimitName, LIMITS, PRESETS, resolveLimits } from "../../core/limits.ts";
import { argumentWord } from "../forms/argument_json.ts";
import { amountJson, isMore, isSame, limitText } from "../forms/limit_text.ts";
import type { LimitAmount } from "../api_types.ts";
import type { LocalRun } from "./local_run.ts";
import { canBePassed, ShellWords } from "./shell_words.ts";

/** What of a run the command line has. */
export interface RunCommand {
  /** Undefined where there is no such command. */
  readonly text: string | undefined;
  /** What it does not say. */
  readonly notes: readonly string[];
}

/** Flags of limits; the other limits have none. */
export const LIMIT_FLAGS = {
  memoryLimit: "--memory-limit",
  fuelLimit: "--fuel-limit",
  timeout: "--timeout",
  stackLimit: "--stack-limit",
  cpuTime: "--cpu-time",
  fileSize: "--file-size",
  writeBytes: "--write-bytes",
} as const satisfies Partial<Record<LimitName, string>>;

/** Limits that the command line can only raise up to this: no flag of it says "unlimited". */
const WITHOUT_WORD: readonly LimitName[] = ["cpuTime", "fileSize", "writeBytes"];

/** Characters of a command that stands on one line. */
const LONGEST_LINE = 80;

/** Characters of standard input that are written into the command. */
const LONGEST_INPUT = 4000;

/** Puts a run into words for a POSIX shell. */
export function runCommand(run: LocalRun): RunCommand {
  const notes = [...run.notes], words = new ShellWords(), before: string[] = [];
  const flags = [...limitFlags(run, notes), ...grantFlags(run, notes)];
  const args = argumentWords(run, notes);
  const all = ["./" + run.file, ...flags, ...args, run.function, run.program?.stdin ?? ""];
  if (!all.every(canBePassed)) {
    return { text: undefined, notes: ["A text of this run has a NUL, which no command line can pass on."] };
  }
  if (run.function === "") {
    return { text: undefined, notes: ["The command line cannot name a function whose name is empty."] };
  }
  const quoted = (text: string) => {
    const { text: word, before: lines } = words.word(text);
    before.push(...lines);
    return word;
  };
  const module = run.file.startsWith("-") ? `./${run.file}` : run.file;
  const named = /^[\w$.][\w$.-]*$/.test(run.function)
    ? ["-e", quoted(run.function)]
    : [quoted(`--function=${run.function}`)];
  const parts = [["aegis run", quoted(module), ...named].join(" "), ...flags.map(quoted)];
  if (args.length > 0) parts.push(["--", ...args.map(quoted)].join(" "));
  const line = parts.join(" "), command = line.length <= LONGEST_LINE ? line : parts.join(" \\\n  ");
  return { text: [...before, withInput(command, run, { quoted, notes, before })].join("\n"), notes };
}

/** With the standard input of a program; one that has none finds its end at once, as it does on the server. */
function withInput(
  command: string,
  { program }: LocalRun,
  { quoted, notes, before }: {
    readonly quoted: (text: string) => string;
    readonly notes: string[];
    readonly before: string[];
  },
): string {
  if (program === undefined) return command;
  if (program.stdin === "") return `${command} < /dev/null`;
  if (program.stdin.length > LONGEST_INPUT) {
    notes.push("The standard input is long: put it into the file input.txt.");
    return `${command} < input.txt`;
  }
  const input = quoted(program.stdin), lines = before.splice(0);
  return [...lines, `printf %s ${input} | ${command}`].join("\n");
}

function argumentWords({ program, args, function: name }: LocalRun, notes: string[]): readonly string[] {
  if (program !== undefined && name === "_start") return program.argv;
  if (program !== undefined && program.argv.length > 0) {
    notes.push(
      `The command line gives arguments of the program to _start alone, and not to ${JSON.stringify(name)}.`,
    );
  }
  return args.map(({ value, kind }) => argumentWord(value, kind));
}

function limitFlags({ preset, limits, engine, strict }: LocalRun, notes: string[]): string[] {
  // Without a preset --timeout would lift the limit of fuel.
  const flags = [`--preset=${preset}`], own = resolveLimits(PRESETS[preset]);
  const flagOf: Partial<Record<LimitName, string>> = LIMIT_FLAGS;
  for (const name of Object.keys(LIMITS) as LimitName[]) { // its own keys
    const amount = limits[name], there = amountJson(own[name]);
    if (isSame(amount, there)) continue;
    const flag = flagOf[name];
    if (flag !== undefined && !(amount === null && WITHOUT_WORD.includes(name))) {
      flags.push(`${flag}=${plainAmount(name, amount)}`);
    } else {
      const more = isMore(amount, there) ? "less" : "more";
      notes.push(
        `${name} is ${limitText(name, there)} there, ${more} than the ${
          limitText(name, amount)
        } here: no flag says so.`,
      );
    }
  }
  if (engine !== "v8") flags.push(`--engine=${engine}`);
  if (strict) flags.push("--on-denial=stop");
  return flags;
}

/** As the command line reads it: a bare time would be seconds there. */
function plainAmount(name: LimitName, amount: LimitAmount): string {
  return limitText(name, amount).replaceAll("_", "");
}

function grantFlags({ grants }: LocalRun, notes: string[]): string[] {
  const { read = [], write = [], net = [], logging, alerts, sensors = {}, clock, random, env = [] } = grants;
  if (logging !== undefined && logging !== "trace") {
    notes.push(`The command line prints the log of all levels, not up to ${logging} alone.`);
  }
  return [
    ...read.map((path) => path.includes("::") ? `--dir=${path}:ro` : `--allow-read=${path}`),
    ...write.flatMap((path) =>
      path.includes("::") ? [`--dir=${path}`] : [`--allow-read=${path}`, `--allow-write=${path}`]
    ),
    ...net.map((host) => `--allow-net=${host}`),
    ...(logging === undefined ? [] : ["--allow-logging"]),
    ...(alerts === undefined ? [] : [`--allow-alert=${alerts}`]),
    ...Object.entries(sensors).filter(([, reading]) => reading !== "runtime")
      .map(([id, reading]) => `--sensor=${id}=${[reading].flat().join(",")}`),
    ...(clock ? ["--allow-clock"] : []),
    ...(random ? ["--allow-random"] : []),
    ...env.map((name) => `--allow-env=${name}`),
  ];
}
