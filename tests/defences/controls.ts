/** Tests that are named after a line and stand for no defence of ours: they show that honest use goes on, or what a system does. */

export interface Control {
  /** From the repository's root. */
  readonly file: string;
  /** A piece of the names. */
  readonly name: string;
  readonly reason: string;
}

export const CONTROLS: readonly Control[] = [
  {
    file: "tests/adversarial/files/paths_test.ts",
    name: "A1 a backslash, a colon",
    reason: "such names are names like others: nothing of ours treats them otherwise",
  },
  {
    file: "tests/adversarial/files/devices_test.ts",
    name: "A10 names that mean",
    reason: "such names are names like others: nothing of ours treats them otherwise",
  },
  {
    file: "tests/adversarial/memory/stack_test.ts",
    name: "D36 a chain of 10,000 small functions",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/memory/stack_test.ts",
    name: "D36 where V8's limit comes first",
    reason: "shows what V8 does, whose limit is the second wall",
  },
  {
    file: "tests/adversarial/memory/memory_test.ts",
    name: "D31 a maximum beyond the limit",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/memory/memory_test.ts",
    name: "D34 millions of exceptions",
    reason: "V8 collects them: nothing of ours does",
  },
  {
    file: "tests/adversarial/compiling/compile_bombs_test.ts",
    name: "E41 100,000 nested blocks",
    reason: "is taken, and V8 is done with it soon: shows that honest use goes on",
  },
  {
    file: "tests/adversarial/compiling/compile_bombs_test.ts",
    name: "E41 60,000 nested ifs",
    reason: "is taken, and V8 is done with it soon: shows that honest use goes on",
  },
  {
    file: "tests/adversarial/compiling/compile_bombs_test.ts",
    name: "E41 1,200 locals that change",
    reason: "is taken, and V8 is done with it soon: shows that honest use goes on",
  },
  {
    file: "tests/adversarial/compiling/reading_test.ts",
    name: "E39 text of nothing",
    reason: "no text is a module of nothing: shows that honest use goes on",
  },
  {
    file: "tests/adversarial/isolation/isolation_test.ts",
    name: "G54 new pages are zero",
    reason: "V8 clears them: nothing of ours does",
  },
  {
    file: "tests/adversarial/isolation/isolation_test.ts",
    name: "G55 two sandboxes of one module",
    reason: "each has a realm of its own, which is how Workers are, and nothing that could be switched off",
  },
  {
    file: "tests/adversarial/isolation/guest_abi_test.ts",
    name: "C25 a million readings",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/cpu/cpu_test.ts",
    name: "recursion ends as a stack overflow",
    reason: "V8's own limit ends it in the same way; where it does not, tests of D36 show it",
  },
  {
    file: "tests/adversarial/cpu/handlers_test.ts",
    name: "around unreachable catch nothing",
    reason: "V8 lets no handler catch a trap: nothing of ours does",
  },
  {
    file: "tests/adversarial/cpu/handlers_test.ts",
    name: "around a load out of bounds catch nothing",
    reason: "V8 lets no handler catch a trap: nothing of ours does",
  },
  {
    file: "tests/adversarial/cpu/handlers_test.ts",
    name: "C27 catch_all does not catch V8's own stack overflow",
    reason: "V8 lets no handler catch its own overflow, which is the wall behind our count",
  },
  {
    file: "tests/adversarial/network/redirects_test.ts",
    name: "F47 a proxy of the environment",
    reason:
      "connections are made by address, and the broker may read no variable: nothing of ours looks for a proxy",
  },
  {
    file: "tests/adversarial/network/smuggling_test.ts",
    name: "F49 a body that reads like a request",
    reason: "shows that a body is a body",
  },
  {
    file: "tests/adversarial/network/smuggling_test.ts",
    name: "F49 an answer that is not quite HTTP",
    reason: "Deno's parser refuses it before our own check sees it",
  },
  {
    file: "tests/adversarial/network/smuggling_test.ts",
    name: "F49 mutated, cut, early",
    reason: "Deno's parser and the time limit end what our own checks would",
  },
  {
    file: "tests/adversarial/network/bodies_test.ts",
    name: "F49 nothing is unpacked",
    reason: "nothing of ours unpacks anything",
  },
  {
    file: "tests/adversarial/network/imports_test.ts",
    name: "F45 an odd name that was registered",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/network/imports_test.ts",
    name: "F45 exports with odd names",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/network/imports_test.ts",
    name: "F45 modules loaded under odd names",
    reason: "shows that honest use goes on",
  },
  {
    file: "tests/adversarial/network/changes_test.ts",
    name: "F51 revoking in one sandbox",
    reason: "shows that neighbours keep what they have",
  },
  {
    file: "tests/terminal/terminal_test.ts",
    name: "G57 on a terminal a Worker like",
    reason: "shows what Deno does where nothing of ours is",
  },
  {
    file: "tests/cli/tool/compile_test.ts",
    name: "needs the base binary",
    reason: "runs where the base binary is alone",
  },
  {
    file: "tests/adversarial/command/attacks_test.ts",
    name: "H63 the compiled binary",
    reason: "runs where the base binary is alone",
  },
];
