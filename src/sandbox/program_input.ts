/** What one call gives the program that it runs. It is input of the program, and no capability: it reaches nothing of the host. */
import { checkWords, environmentOf } from "./program_settings.ts";
import { checkInput, type InputSource } from "./input_reader.ts";
import { checkSink, type OutputSink } from "./standard_output.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import type { ProgramWords } from "../wasi/host.ts";

/**
 * What a program finds for the time of one call, in the place of what its sandbox was made with. Guests of a pool get the
 * input of each use by it. A library reads arguments and variables when its program starts: give them to a call of `_start`.
 */
export interface ProgramInput {
  /** Its arguments; the first is its own name. @default those of the sandbox */
  readonly args?: readonly string[];
  /** Variables, beside those that were granted, and before them. They are text: no variable of the host is read. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input. A stream is cancelled when the call has ended. @default that of the sandbox */
  readonly stdin?: InputSource;
  /** Takes standard output; the guest waits for its promise. @default that of the sandbox */
  readonly stdout?: OutputSink;
  /** Takes standard error; the guest waits for its promise. @default that of the sandbox */
  readonly stderr?: OutputSink;
}

const PROGRAM_INPUT: OptionNames<ProgramInput> = {
  place: "of a program's input",
  names: { args: true, env: true, stdin: true, stdout: true, stderr: true },
};

/** A program's input after it was read. */
export interface ResolvedProgram {
  /** Undefined where the sandbox's own hold. */
  readonly words: ProgramWords | undefined;
  readonly stdin: InputSource | undefined;
  readonly stdout: OutputSink | undefined;
  readonly stderr: OutputSink | undefined;
}

/** @param own what the sandbox was made with @throws {AegisError} `InvalidOption` */
export function readProgram(input: ProgramInput, own: ProgramWords): ResolvedProgram {
  checkOptionNames(input, PROGRAM_INPUT);
  const { args, env, stdin, stdout, stderr } = input;
  if (stdin !== undefined) checkInput(stdin);
  checkSink("stdout", stdout);
  checkSink("stderr", stderr);
  if (args === undefined && env === undefined) return { words: undefined, stdin, stdout, stderr };
  const variables = env === undefined ? [] : variablesOf(env);
  const words = { args: [...args ?? own.args], env: environmentOf(own.env, variables) };
  checkWords("args", words.args);
  checkWords("env", words.env.flat());
  return { words, stdin, stdout, stderr };
}

function variablesOf(env: Readonly<Record<string, string>>): [string, string][] {
  if (typeof env !== "object" || env === null) {
    throw invalid("Cannot use that as env: give an object of texts");
  }
  const variables = Object.entries(env);
  const wrong = variables.find(([name]) => name === "" || name.includes("="));
  if (wrong !== undefined) {
    throw invalid(`Cannot pass variable ${quote(wrong[0])}: a name has a character at least, and no "="`);
  }
  return variables;
}

function invalid(message: string): AegisError {
  return new AegisError("InvalidOption", message, { field: "env" });
}
