/** What WASI shows a guest of the world, from its grants and from what its program is given. */
import type { ProgramOptions } from "./sandbox_io.ts";
import { AegisError } from "../core/errors.ts";
import type { EnvGrant, Policy } from "../policy/grants.ts";
import type { ProgramWords, WasiSettings } from "../wasi/host.ts";

/** Bytes of all arguments, and of all variables. */
const MOST_TEXT = 1024 * 1024;

/** Seed of the random bytes of a guest that was granted none. */
const NO_SEED = 0n;

/**
 * The settings of a guest.
 *
 * @param variable the value of a variable of this process; undefined when it is not set
 * @throws {AegisError} `InvalidOption`
 */
export function programSettings(
  policy: Policy,
  program: ProgramOptions,
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
): WasiSettings {
  const { args = ["main"], terminals = [false, false, false] } = program;
  if (
    !Array.isArray(terminals) || terminals.length !== 3 || terminals.some((one) => typeof one !== "boolean")
  ) {
    throw new AegisError("InvalidOption", "Cannot use that as terminals: give three times true or false", {
      field: "terminals",
    });
  }
  const env = [...environment(policy.env, variable), ...workingDirectory(policy)];
  checkWords("args", args);
  checkWords("env", env.flat());
  return {
    args: [...args],
    env,
    preopens: policy.filesystem.map(({ guestPath, read, write, create, delete: remove }) => ({
      guestPath,
      read,
      write,
      create,
      delete: remove,
    })),
    clock: policy.clock,
    seed: policy.random === undefined ? NO_SEED : policy.random.seed,
    terminals,
  };
}

function environment(
  grants: readonly EnvGrant[],
  variable: (name: string) => string | undefined,
): (readonly [string, string])[] {
  return grants.flatMap(({ name, value }) => {
    const found = value ?? variable(name);
    return found === undefined ? [] : [[name, found] as const];
  });
}

/**
 * The library of Go takes the first directory that it finds open for the current one, unless PWD names another: below
 * `data` it would look for `data/data`. C and Rust start in `/`, and so does a guest whose directories have relative names.
 */
function workingDirectory({ filesystem: [first], env }: Policy): (readonly [string, string])[] {
  const relative = first !== undefined && !first.guestPath.startsWith("/");
  return relative && !env.some(({ name }) => name === "PWD") ? [["PWD", "/"]] : [];
}

/** Variables and others before them, each name once. */
export function environmentOf(
  own: ProgramWords["env"],
  given: ProgramWords["env"],
): ProgramWords["env"] {
  return [...new Map([...own, ...given])];
}

/** Messages quote no word: it may be a secret. @throws {AegisError} `InvalidOption` */
export function checkWords(field: "args" | "env", words: readonly string[]): void {
  if (!Array.isArray(words)) {
    throw new AegisError("InvalidOption", `Cannot use that as ${field}: give a list of texts`, { field });
  }
  let length = 0;
  for (const [index, word] of words.entries()) {
    if (typeof word !== "string" || word.includes("\0")) {
      throw new AegisError(
        "InvalidOption",
        `Cannot pass word ${index} of ${field}: it must be text without NUL`,
        {
          field,
        },
      );
    }
    length += 3 * word.length + 1;
  }
  if (length > MOST_TEXT) {
    throw new AegisError(
      "InvalidOption",
      `Cannot pass ${field}: they may take more than ${MOST_TEXT} bytes`,
      {
        field,
      },
    );
  }
}
