import { planGuest } from "../../../src/cli/guest_plan.ts";
import { parseCommand } from "../../../src/cli/parse.ts";
import { narrowGuest, OURS, readToolWords, TOOL_OPTIONS } from "../../../src/cli/tool/tool_words.ts";
import { GRANT_FLAGS } from "../../../src/cli/limit_flags.ts";
import { flagText } from "../../../src/cli/flags.ts";
import { AegisError } from "../../../src/core/errors.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";

function guestOf(...flags: readonly string[]) {
  const { flags: values } = parseCommand("install", ["m.wasm", ...flags]);
  return planGuest("m.wasm", values, { ports: { locate: (path) => `/folder/${path}` } }).guest;
}

Deno.test("readToolWords() leaves the guest's words alone, and takes its own up to a --", () => {
  const words = readToolWords([
    "-v",
    "--aegis-timeout",
    "1s",
    "a",
    "--aegis-help",
    "--",
    "--aegis-without",
    "net",
  ]);
  assertEquals(words.args, ["-v", "a", "--", "--aegis-without", "net"]);
  assertEquals([words.help, words.limits, words.without], [true, { timeout: 1000 }, []]);
});

Deno.test("readToolWords() refuses a word of ours that it does not know: a mistyped limit is not passed on", () => {
  for (const word of ["--aegis-timout=1s", "--aegis-", "--aegis-toString", "--aegis---timeout=1s"]) {
    const error = assertThrows(() => readToolWords(["a", word]), AegisError);
    assertEquals(error.code, "InvalidOption", word);
    assertStringIncludes(error.message, "Unknown option");
  }
  for (
    const words of [["--aegis-help=x"], ["--aegis-timeout"], ["--aegis-timeout", "--"], [
      "--aegis-without=all",
    ]]
  ) {
    assertThrows(() => readToolWords(words), AegisError);
  }
  assertThrows(() => readToolWords(["--aegis-timeout=1s", "--aegis-timeout=2s"]), AegisError, "given twice");
});

Deno.test("readToolWords() refuses every flag that would grant something", () => {
  for (const name of [...GRANT_FLAGS, "preset", "isolation", "engine", "allowCwd", "function"] as const) {
    const word = flagText(name).replace("--", OURS);
    const error = assertThrows(() => readToolWords([`${word}=/`]), AegisError);
    assertStringIncludes(error.message, "was settled when it was made", word);
  }
});

Deno.test("narrowGuest() takes less of every limit, and refuses more", () => {
  const cases = [
    ["timeout", "2s", "1s", "3s"],
    ["memory-limit", "2MiB", "1MiB", "64MiB"],
    ["fuel-limit", "1000", "10", "unlimited"],
    ["stack-limit", "64KiB", "32KiB", "65KiB"],
    ["cpu-time", "2s", "1s", "3s"],
    ["file-size", "10", "9", "1GiB"],
    ["write-bytes", "10", "0", "11"],
  ] as const;
  assertEquals(
    TOOL_OPTIONS.filter(({ doc }) => doc.startsWith("Less")).map(({ word }) => word).sort(),
    cases.map(([name]) => `${OURS}${name}`).sort(),
  );
  for (const [name, baked, less, more] of cases) {
    const guest = guestOf(`--${name}`, baked);
    for (const equal of [baked, less]) narrowGuest(guest, readToolWords([`${OURS}${name}=${equal}`]));
    const error = assertThrows(
      () => narrowGuest(guest, readToolWords([`${OURS}${name}=${more}`])),
      AegisError,
      "can only be given less",
    );
    assertStringIncludes(error.message, `${OURS}${name}`);
  }
  assertEquals(
    narrowGuest(guestOf("--timeout=2s"), readToolWords(["--aegis-timeout=1s"])).limits.timeout,
    1000,
  );
});

Deno.test("narrowGuest() takes whole kinds of grants away, and leaves the others", () => {
  const guest = guestOf(
    "--allow-read=d",
    "--allow-net=a.test",
    "--allow-env=A",
    "--allow-clock",
    "--allow-random",
  );
  const { grants } = narrowGuest(guest, readToolWords(["--aegis-without=files", "--aegis-without", "env"]));
  assertEquals([grants.directories, grants.env, grants.net, grants.clock, grants.random], [
    [],
    [],
    ["a.test"],
    true,
    true,
  ]);
  const all = ["net", "clock", "random", "logging", "sensors", "alerts"].map((kind) =>
    `--aegis-without=${kind}`
  );
  const none = narrowGuest({ ...guest, grants }, readToolWords(all)).grants;
  assertEquals(none, guestOf().grants);
});
