import { failureJson, failureLines, statusOf } from "../../src/cli/failure.ts";
import { styleFor } from "../../src/cli/style.ts";
import {
  AegisError,
  ExitError,
  FunctionNotFoundError,
  MissingImportError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  StackOverflowError,
  TimeoutError,
  TrapError,
} from "../../src/core/errors.ts";
import { assertEquals } from "../assert.ts";

const PLAIN = styleFor(false);

Deno.test("statusOf() follows the table of codes, the guest's own status, and else is 1", () => {
  const cases: [unknown, number][] = [
    [new OutOfFuelError(2n, 1n), 152],
    [new TimeoutError(2, 1), 124],
    [new StackOverflowError(1), 139],
    [new TrapError("unreachable", "unreachable executed", []), 134],
    [new ModuleInvalidError("x", 0), 65],
    [new MissingImportError("env", "log", "it is not there"), 77],
    [new AegisError("InvalidOption", "x"), 2],
    [new ExitError(7), 7],
    [new TypeError("x"), 1],
    ["x", 1],
  ];
  for (const [error, status] of cases) assertEquals(statusOf(error), status, String(error));
});

Deno.test("failureLines() says the error, and the way out with its flag", () => {
  assertEquals(
    failureLines(new OutOfFuelError(1_000_007n, 1_000_000n), PLAIN),
    "error: Out of fuel: consumed 1,000,007 of 1,000,000 units\n" +
      "hint: Raise the fuel limit, or give the guest less to do (--fuel-limit).\n",
  );
  assertEquals(
    failureLines(new AegisError("LimitTooLow", "Cannot set stackLimit to 5", { field: "stackLimit" }), PLAIN),
    "error: Cannot set stackLimit to 5\nhint: The flag is --stack-limit.\n",
  );
  assertEquals(
    failureLines(new ModuleInvalidError("Cannot read it", 31), PLAIN),
    "error: Module is invalid: Cannot read it at offset 0x1f\n",
  );
});

Deno.test("failureLines() says the limit that a module exceeds once, with its flag where it has one", () => {
  const refusal = (field: string, reason: string) =>
    new ModuleRefusedError(reason, { field, suggestion: `Raise ${field}.` });
  assertEquals(
    failureLines(
      refusal("memoryLimit", "Cannot run the module: it has 125MiB of memory, memoryLimit is 64MiB"),
      PLAIN,
    ),
    "error: Cannot run the module: it has 125MiB of memory, the limit is 64MiB\n" +
      "hint: Raise it with --memory-limit.\n",
  );
  const tables = refusal("tables", "Cannot run the module: it has 200 tables, tables is 100");
  assertEquals(
    failureLines(tables, PLAIN),
    "error: Cannot run the module: it has 200 tables, the limit is 100\n",
  );
  assertEquals(
    failureJson(tables)["reason"],
    "Cannot run the module: it has 200 tables, the limit is 100",
  );
  assertEquals(
    failureLines(new ModuleRefusedError("It is shared", { suggestion: "It needs a process." }), PLAIN),
    "error: It is shared\nhint: It needs a process.\n",
  );
});

Deno.test("failureLines() does not say a suggestion twice", () => {
  assertEquals(
    failureLines(new FunctionNotFoundError("ad", ["add"], ["add"]), PLAIN),
    'error: Cannot find function "ad". Did you mean "add"?\n',
  );
});

Deno.test("failureLines() prints the frames of a trap, and cuts a long list", () => {
  const frames = Array.from({ length: 25 }, (_, index) => ({ functionIndex: index, offset: 16 + index }));
  const lines = failureLines(
    new TrapError("unreachable", "unreachable executed", [
      { functionIndex: 3, functionName: "f\x1b[2J" },
      ...frames,
    ]),
    PLAIN,
  ).split("\n");
  assertEquals(lines.slice(0, 3), [
    "error: Trap: unreachable executed",
    '  in function 3 "f\\u001b[2J"',
    "  in function 0 at offset 0x10",
  ]);
  assertEquals(lines.slice(-2), ["  and 6 more", ""]);
});

Deno.test("failureLines() keeps the guest's control characters from the terminal, and shows no stack", () => {
  const text = failureLines(new TypeError("bad\x1b[31m\nworse"), PLAIN);
  assertEquals(text, "error: bad\\x1b[31m\\x0aworse\n");
});

Deno.test("failureLines() colours its labels alone, and only where asked", () => {
  const error = new AegisError("InvalidOption", "x", { suggestion: "y" });
  assertEquals(failureLines(error, styleFor(true)), "\x1b[1;31merror:\x1b[0m x\n\x1b[36mhint:\x1b[0m y\n");
});

Deno.test("failureJson() has the fields of the error's class", () => {
  assertEquals(failureJson(new TimeoutError(1002.5004, 1000)), {
    code: "Timeout",
    message: "Timeout: the guest was stopped after 1.00s, its limit is 1.00s",
    hint: "Raise the timeout, or give the guest less to do (--timeout).",
    field: "timeout",
    elapsed: 1002.5,
    limit: 1000,
  });
  assertEquals(
    failureJson(
      new TrapError("divideByZero", "integer divide by zero", [{ functionIndex: 1, functionName: "f" }]),
    ),
    {
      code: "Trap",
      message: "Trap: integer divide by zero",
      trap: "divideByZero",
      frames: [{ function_index: 1, function_name: "f" }],
    },
  );
  assertEquals(failureJson(new OutOfFuelError(2n ** 60n, 5n))["consumed"], "1152921504606846976");
  assertEquals(failureJson(new TypeError("x")), { code: "Error", message: "x" });
});
