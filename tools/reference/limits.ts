/** docs/limits.md: every limit with its bounds, from the tables that sandboxes, commands and manifests read. */
import { flagOfField } from "../../src/cli/flags/setting_flags.ts";
import { groupDigits } from "../../src/core/group_digits.ts";
import { limitText } from "../../src/core/limit_bounds.ts";
import {
  formatLimit,
  type LimitName,
  LIMITS,
  PRESETS,
  resolveLimits,
  UNLIMITED_FUEL,
} from "../../src/core/limits.ts";
import { snakeCase } from "../../src/manifest/keys.ts";
import { IMPLEMENTATION_LIMITS, type ImplementationLimit } from "../../src/wasm/implementation_limits.ts";
import { anchor, code, table } from "./markdown_text.ts";
import type { ErrorCode } from "../../src/core/errors.ts";

const HEAD = `# Limits

Each is an option of \`Aegis.create\` and, lower than the runtime's, of \`runtime.sandbox\`; a key of a
[manifest](manifest.md); and, where a flag stands beside it, an option of the commands that run guests. A limit that is
not given is that of the preset, and without a preset that of \`standard\`.

Sizes are bytes or text such as \`"64MiB"\`, times milliseconds or text such as \`"10s"\`, counts numbers or text such
as \`"10M"\`; on a command line and in a manifest a time without a unit is in seconds. \`64M\` is \`64MiB\`, while
\`64MB\` are 64,000,000 bytes. Below the least an option is [\`LimitTooLow\`](errors.md#limittoolow), above the most
[\`InvalidOption\`](errors.md#invalidoption).

This page is made of the tables of the code, by \`deno task reference\`. Bounds that belong to a grant, such as its
largest file, hold beside these: [capabilities.md](capabilities.md).

## All limits

`;

function error(name: ErrorCode): string {
  return `[${code(name)}](errors.md${anchor(name)})`;
}

const REFUSED = `a module that has more is ${error("ModuleRefused")}`;

/** What comes past a limit, for whoever meets it. */
const PAST: Readonly<Record<LimitName, string>> = {
  memoryLimit: `\`memory.grow\` gives -1, and a trap after that is ${error("MemoryExceeded")}; ${REFUSED}`,
  fuelLimit: error("OutOfFuel"),
  timeout: error("Timeout"),
  cpuTime: error("CpuTimeExceeded"),
  stackLimit: error("StackOverflow"),
  hostCallLimit: error("HostCallsExceeded"),
  tableLimit: `\`table.grow\` gives -1, and a trap after that is ${error("MemoryExceeded")}; ${REFUSED}`,
  functionTableLimit: REFUSED,
  memories: REFUSED,
  tables: REFUSED,
  moduleSize: REFUSED,
  functions: REFUSED,
  functionSize: REFUSED,
  imports: REFUSED,
  exports: REFUSED,
  globals: REFUSED,
  segments: REFUSED,
  frameSize: `arguments that do not fit are ${error("InvalidOption")}, results of the guest ${
    error("GuestFault")
  }, those of a host function ${error("HostFunctionFailed")}`,
  outputSize: "what comes after that is dropped, and `truncated` says so",
  openFiles: "opening fails with `mfile`",
  createdFiles: "making one fails with `dquot`",
  fileSize: "what does not fit is not written: less than was asked for, then `fbig`",
  readBytes: "reading fails with `dquot`",
  writeBytes: "writing fails with `dquot`",
  readRate: "the guest waits",
  writeRate: "the guest waits",
  connections: "a request fails with `mfile`",
};

/** What a module may have of each of these. */
const PARTS: Readonly<Record<ImplementationLimit, string>> = {
  moduleBytes: "bytes",
  types: "types",
  params: "parameters of a function type",
  results: "results of a function type",
  fields: "fields of a struct type",
  typeMembers: "parameters, results and fields of all types together",
  supertypes: "supertypes of a type",
  subtypingDepth: "supertypes above each other",
  imports: "imports",
  functions: "functions",
  tables: "tables",
  memories: "memories",
  tags: "tags",
  globals: "globals",
  exports: "exports",
  elements: "element segments",
  elementEntries: "entries of all element segments together",
  data: "data segments",
  locals: "locals of a function, its parameters included",
  bodyBytes: "bytes of a function's code",
  branchTableLabels: "labels of one `br_table`, without the default one",
  catchClauses: "clauses of one `try_table`",
  arrayNewFixed: "operands of `array.new_fixed`",
  customSections: "custom sections",
  tableMinimum: "elements of a table at the start",
  memoryPages: "pages of a memory, at the start and at most",
  memory64Pages: "pages of a memory with 64-bit addresses, at the start and at most",
};

const NAMES = Object.keys(LIMITS) as readonly LimitName[]; // its own keys

function amountText(name: LimitName, amount: number | bigint): string {
  if (amount === Infinity || amount === UNLIMITED_FUEL) return "unlimited";
  return LIMITS[name].unit === "count" ? groupDigits(amount) : formatLimit(name, amount);
}

function limitRows(): string[][] {
  const standard = resolveLimits();
  return NAMES.map((name) => {
    const { doc, least, most, ...row } = LIMITS[name];
    return [
      code(name),
      doc,
      amountText(name, standard[name]),
      limitText(name, least),
      "unlimited" in row ? `${limitText(name, most)}, or \`"unlimited"\`` : limitText(name, most),
      PAST[name],
    ];
  });
}

function nameRows(): string[][] {
  return NAMES.map((name) => {
    const flag = flagOfField(name);
    return [code(name), code(snakeCase(name)), flag === undefined ? "" : code(flag)];
  });
}

const PRESET_NAMES = Object.keys(PRESETS) as readonly (keyof typeof PRESETS)[]; // its own keys

function presetRows(): string[][] {
  const all = PRESET_NAMES.map((preset) => resolveLimits({}, preset));
  return NAMES.filter((name) => new Set(all.map((limits) => limits[name])).size > 1)
    .map((name) => [code(name), ...all.map((limits) => amountText(name, limits[name]))]);
}

function partRows(): string[][] {
  return Object.entries(IMPLEMENTATION_LIMITS).map(([name, { limit }]) => {
    const part = PARTS[name as ImplementationLimit]; // its own keys
    return [part, groupDigits(limit)];
  });
}

/** The document, not yet formatted. */
export function renderLimits(): string {
  return [
    HEAD + table(["limit", "what it bounds", "default", "least", "most", "past it"], limitRows()),
    "Error numbers are what a program gets, and goes on with: [wasi.md](wasi.md#error-numbers). `reset` of a sandbox " +
    "gives fuel and host calls back.",
    "## Under which name",
    table(["option of the library", "key of a manifest", "flag of the command"], nameRows()),
    "## Presets",
    "What a preset does not name is as in `standard`. Tasks of a server begin with `os`.",
    table(["limit", ...PRESET_NAMES.map(code)], presetRows()),
    "## What no limit changes",
    "V8 bounds the parts of a module, and so does what is added to count its fuel. A module with more of one is " +
    `${error("ModuleRefused")}, and above V8's own bound ${error("ModuleInvalid")}, whatever the limits say.`,
    table(["part of a module", "most"], partRows()),
  ].join("\n\n") + "\n";
}
