/** Commands that look at a module, and run nothing. */
import { INSPECT_PARTS } from "../flags/module_flags.ts";
import { type CommandRow, MODULE } from "./command_row.ts";

export const MODULE_ROWS = {
  validate: {
    summary: "Check that a module is valid, without running it",
    operand: MODULE,
    flags: ["strict", "config", "format", "quiet", "help"],
    statuses: [["65", "the module is invalid, or refused"]],
    examples: [
      { line: "aegis validate plugin.wasm", doc: "Exit status 65 when it is not" },
      { line: "aegis validate plugin.wasm --strict", doc: "Fail on warnings too" },
    ],
  },
  inspect: {
    summary: "Show what a module contains and needs, without running it",
    operand: MODULE,
    flags: [
      "all",
      ...INSPECT_PARTS,
      "config",
      "format",
      "quiet",
      "help",
    ],
    statuses: [["65", "the module is invalid"]],
    notes: ["JSON has every part, whatever parts are asked for."],
    examples: [
      { line: "aegis inspect plugin.wasm", doc: "Exports, imports and a summary" },
      { line: "aegis inspect plugin.wasm --exports --memory", doc: "Only these" },
      { line: "aegis inspect plugin.wasm --format json", doc: "Everything, for programs" },
    ],
  },
  scan: {
    summary: "Find what is suspicious or noteworthy in a module, without running it",
    operand: MODULE,
    flags: ["policy", "scanFormat", "json", "suggestPolicy", "quiet", "help"],
    flagDocs: {
      policy: "What the module has to meet, in TOML or JSON; status 1 where it does not",
      quiet: "Leave out what is only worth knowing",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "Without --policy findings alone are no failure. Its keys are min_grade, min_score, max_severity,",
      "max_size, features, forbid, imports, exports, require_exports and [complexity]; docs/scanning.md",
      "has them all. An invalid module has no score.",
    ],
    examples: [
      { line: "aegis scan plugin.wasm", doc: "Findings, a score and a grade" },
      { line: "aegis scan plugin.wasm --policy check.toml", doc: "Fail where it does not meet the file" },
      { line: "aegis scan plugin.wasm --suggest-policy", doc: "What to grant it at most, as TOML" },
      { line: "aegis scan plugin.wasm --format sarif", doc: "For code scanners of forges and editors" },
    ],
  },
  diff: {
    summary: "Compare two modules: what they ask for, offer, can do and contain",
    operand: { ...MODULE, doc: "The older one: a .wasm or .wat file, or - for stdin" },
    second: { metavar: "OTHER", doc: "The newer one", required: true },
    flags: ["function", "all", "format", "quiet", "help"],
    flagDocs: {
      function: "Compare the code of this function, line by line: its index or name",
      all: "Print every entry of long lists",
      quiet: "Print nothing: the exit status says whether they differ",
    },
    statuses: [["1", "the modules differ, or with --function its code does"], [
      "65",
      "a module is invalid, or refused",
    ]],
    notes: [
      "Functions are found again by their names, exports, code or place. Their numbers alone, which a new",
      "import moves, make no difference.",
    ],
    examples: [
      { line: "aegis diff old.wasm new.wasm", doc: "Imports, exports, findings, sizes, functions" },
      { line: "aegis diff old.wasm new.wasm --function parse", doc: "The code of one function" },
      { line: "aegis diff old.wasm new.wasm --format json", doc: "For programs" },
    ],
  },
  disasm: {
    summary: "Print the instructions of a module, with offsets and names",
    operand: MODULE,
    flags: ["function", "format", "json", "help"],
    flagDocs: {
      function: "Only this function: its index or name",
      format: "json is one document, json-compact a line for each item (default: human)",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: ["Offsets are from the first byte of the module, as in traps and in errors."],
    examples: [
      { line: "aegis disasm plugin.wasm", doc: "Every function" },
      { line: "aegis disasm plugin.wasm --function parse", doc: "One function" },
      { line: "aegis disasm plugin.wasm --json", doc: "For programs" },
    ],
  },
  wat: {
    summary: "Print a module in the text format",
    operand: MODULE,
    flags: ["help"],
    statuses: [["65", "the module is invalid, or refused"]],
    notes: ["What is printed compiles to the same module again, but for its custom sections."],
    examples: [{ line: "aegis wat plugin.wasm > plugin.wat", doc: "Into a file" }],
  },
  graph: {
    summary: "Show who calls whom, or the control flow of a function",
    operand: MODULE,
    flags: ["function", "graphFormat", "all", "quiet", "help"],
    flagDocs: {
      function: "The control flow of this function: its index or name",
      all: "Leave nothing out of a graph that is large",
    },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "DOT is for Graphviz. SVG is a picture by itself: it has no scripts, and is dark on dark pages.",
      "Calls through tables and references lead to all functions of their type that can be meant.",
    ],
    examples: [
      { line: "aegis graph plugin.wasm", doc: "Who calls whom, as text" },
      { line: "aegis graph plugin.wasm --format svg > calls.svg", doc: "As a picture" },
      { line: "aegis graph plugin.wasm --function parse -f dot | dot -Tpdf > parse.pdf", doc: "By Graphviz" },
    ],
  },
  hex: {
    summary: "Print the bytes of a module, section by section",
    operand: MODULE,
    flags: ["section", "range", "help"],
    statuses: [["65", "the module is invalid: its bytes are shown without sections"]],
    examples: [
      { line: "aegis hex plugin.wasm --section data", doc: "One section" },
      { line: "aegis hex plugin.wasm --range 0x10:0x40", doc: "What stands at an offset" },
    ],
  },
  strings: {
    summary: "List the texts in a module's data",
    operand: MODULE,
    flags: ["minLength", "format", "json", "help"],
    flagDocs: { format: "json is one document, json-compact a line for each (default: human)" },
    statuses: [["65", "the module is invalid, or refused"]],
    notes: [
      "UTF-8 and UTF-16LE, with their offsets in the file and, in active segments, their addresses. Texts",
      "of custom sections, which no guest sees, come last.",
    ],
    examples: [
      { line: "aegis strings plugin.wasm -n 8", doc: "Of eight characters and more" },
      { line: "aegis strings plugin.wasm --format json-compact", doc: "For programs, a line each" },
    ],
  },
} as const satisfies Record<string, CommandRow>;
