import { parseCommand } from "../../src/cli/parse.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

function refused(words: readonly string[], command: "run" | "validate" | "inspect" = "run") {
  const error = assertThrows(() => parseCommand(command, words), AegisError);
  assertEquals(error.code, "InvalidOption");
  return { message: error.message, suggestion: error.suggestion };
}

Deno.test("parseCommand() reads flags in every way of writing them", () => {
  const expected = { operand: "a.wasm", flags: { function: "add", memoryLimit: 1024, verbose: 3 }, args: [] };
  for (
    const words of [
      ["a.wasm", "--function", "add", "--memory-limit", "1KiB", "-vvv"],
      ["a.wasm", "--function=add", "--memory-limit=1024", "-v", "-v", "--verbose"],
      ["-e", "add", "a.wasm", "-vv", "--memory-limit", "1024", "-v"],
      ["-eadd", "a.wasm", "--memory-limit", "1024", "-vvv"],
      ["-e=add", "a.wasm", "--memory-limit", "1024", "-vvv"],
      ["-vvve", "add", "a.wasm", "--memory-limit", "1024"],
    ]
  ) assertEquals(parseCommand("run", words), expected, words.join(" "));
});

Deno.test("parseCommand() leaves what follows the first -- untouched", () => {
  const { args, flags } = parseCommand("run", ["a.wasm", "-q", "--", "-1", "--metrics", "--", ""]);
  assertEquals(args, ["-1", "--metrics", "--", ""]);
  assertEquals(flags, { quiet: true });
});

Deno.test("parseCommand() takes - as stdin, and values that start with a dash where they cannot be flags", () => {
  assertEquals(parseCommand("run", ["-"]).operand, "-");
  assertEquals(parseCommand("run", ["-", "--function=--odd"]).flags, { function: "--odd" });
});

Deno.test("parseCommand() reads amounts with and without units, times in seconds", () => {
  const { flags } = parseCommand("run", [
    ...["m", "--memory-limit", "64MiB", "--fuel-limit", "10M", "--timeout", "1.5", "--stack-limit", "4096"],
  ]);
  assertEquals(flags, { memoryLimit: 67108864, fuelLimit: 10_000_000n, timeout: 1500, stackLimit: 4096 });
  assertEquals(parseCommand("run", ["m", "--timeout", "500ms"]).flags, { timeout: 500 });
  assertEquals(parseCommand("run", ["m", "--fuel-limit", "unlimited"]).flags, { fuelLimit: "unlimited" });
});

Deno.test("parseCommand() refuses an unknown flag, and names the near one", () => {
  assertEquals(refused(["m", "--memry-limit", "5"]), {
    message: 'Unknown flag "--memry-limit" of "aegis run"',
    suggestion: "Did you mean --memory-limit?",
  });
  assertEquals(refused(["m", "--fuel", "5"]).suggestion, "Did you mean --fuel-limit?");
  assertEquals(refused(["m", "-z"]), {
    message: 'Unknown flag "-z" of "aegis run"',
    suggestion: "See: aegis help run",
  });
  assertEquals(refused(["m", "-vz"]).message, 'Unknown flag "-z" of "aegis run"');
});

Deno.test("parseCommand() says where a number below zero belongs", () => {
  for (const number of ["-5", "-50", "-2.5e3"]) {
    const { message, suggestion } = refused(["m", "-e", "add", number, "10"]);
    assertEquals(message.slice(0, 15), 'Unknown flag "-');
    assertEquals(suggestion, 'Arguments of the function follow "--": aegis run MODULE -- …');
  }
  assertEquals(refused(["m", "-5"], "inspect").suggestion, "See: aegis help inspect");
});

Deno.test("parseCommand() refuses flags of other commands, and those that do not exist yet", () => {
  assertEquals(
    refused(["m", "--metrics"], "validate").message,
    'Unknown flag "--metrics" of "aegis validate"',
  );
  assertEquals(
    refused(["m", "--deterministic", "x"]).message,
    'Unknown flag "--deterministic" of "aegis run"',
  );
});

Deno.test("parseCommand() refuses a missing value rather than take the next flag for it", () => {
  for (const words of [["m", "-e"], ["m", "-e", "--metrics"], ["m", "-e", "-q"], ["m", "-e", "--", "x"]]) {
    assertEquals(refused(words).message, "Flag -e needs a value: -e NAME", words.join(" "));
  }
  assertEquals(
    refused(["m", "--memory-limit="]).message,
    'Cannot set --memory-limit to "": it must be an amount',
  );
});

Deno.test("parseCommand() refuses a limit out of bounds by its flag, in the words that were typed", () => {
  const cases = [
    ["--timeout", "0", "at least 1ms"],
    ["--timeout", "0.5ms", "at least 1ms"],
    ["--timeout", "600h", "at most 2147482.648s"],
    ["--stack-limit", "5", "at least 1KiB"],
    ["--stack-limit", "1MiB", "at most 640KiB"],
    ["--memory-limit", "17GiB", "at most 16GiB"],
    ["--fuel-limit", "0", "at least 1"],
    ["--fuel-limit", "9007199254740992", "at most 9,007,199,254,740,991"],
  ] as const;
  for (const [flag, typed, bound] of cases) {
    assertEquals(
      refused(["m", flag, typed]).message,
      `Cannot set ${flag} to "${typed}": it must be ${bound}`,
    );
  }
});

Deno.test("parseCommand() gathers the values of a flag that may be given often", () => {
  const { flags } = parseCommand("run", ["m", "--allow-read", "a", "--dir=b::/c:ro", "--allow-read=d"]);
  assertEquals(flags.allowRead, ["a", "d"]);
  assertEquals(flags.dir, ["b::/c:ro"]);
  assertEquals(refused(["m", "--allow-read"]).message, "Flag --allow-read needs a value: --allow-read PATH");
  assertEquals(refused(["m", "--allow-read="]).message, 'Cannot set --allow-read to "": it must be text');
});

Deno.test("parseCommand() reads a whole number exactly", () => {
  assertEquals(parseCommand("run", ["m", "--seed", "9007199254740993"]).flags.seed, 9_007_199_254_740_993n);
  for (const word of ["-1", "1.5", "0x10", "x", "18446744073709551616"]) {
    assertEquals(
      refused(["m", `--seed=${word}`]).message,
      `Cannot set --seed to "${word}": use a whole number from 0 to 18446744073709551615`,
    );
  }
});

Deno.test("parseCommand() refuses a value for a flag that takes none, and a flag given twice", () => {
  assertEquals(refused(["m", "--metrics=yes"]).message, "Flag --metrics takes no value");
  assertEquals(refused(["m", "--verbose=2"]).message, "Flag --verbose takes no value");
  assertEquals(refused(["m", "-v=2"]).message, 'Unknown flag "-=" of "aegis run"');
  assertEquals(refused(["m", "--timeout", "1", "--timeout", "2"]).message, "Flag --timeout is given twice");
});

Deno.test("parseCommand() refuses a missing operand and a second one", () => {
  assertEquals(refused([]).message, 'Missing MODULE of "aegis run"');
  assertEquals(refused(["m", "5"]), {
    message: 'Unexpected argument "5"',
    suggestion: 'Arguments of the function follow "--": aegis run MODULE -- 5',
  });
  assertEquals(
    refused(["m", "5", "a b", "-q", "10"]).suggestion,
    'Arguments of the function follow "--": aegis run MODULE -- 5 "a b" 10',
  );
  assertEquals(refused(["m", "--invoke", "add"]).suggestion, "Did you mean --function?");
  assertEquals(refused(["m", "--", "5"], "inspect").message, 'Unexpected argument "5"');
});

Deno.test("parseCommand() asks for nothing else when help is asked for", () => {
  assertEquals(parseCommand("run", ["--help"]), { operand: undefined, flags: { help: true }, args: [] });
});

Deno.test("parseCommand() refuses values that cannot be read, and quotes control characters", () => {
  assertEquals(
    refused(["m", "--format", "jsn"]),
    {
      message: 'Cannot set --format to "jsn": use one of human, json, json-compact',
      suggestion: 'Did you mean "json"?',
    },
  );
  assertEquals(
    refused(["m", "--preset", "constructor"]).message,
    'Cannot set --preset to "constructor": use one of minimal, standard, generous, os',
  );
  assertEquals(refused(["m", "--\x1b[31m"]).message, 'Unknown flag "--\\u001b[31m" of "aegis run"');
});
