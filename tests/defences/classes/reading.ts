/** Classes E, and B and D of content: what keeps a reader's time, memory and verdict its own. */
import type { Defence } from "../defence.ts";

const READING_TEST = "tests/adversarial/compiling/reading_test.ts",
  VALIDATING = "tests/wasm/validate_hostile_test.ts",
  CONTENT = "tests/adversarial/memory/content_test.ts",
  GROWING_CONTENT = "tests/adversarial/memory/growing_content_test.ts";

export const READING: readonly Defence[] = [
  {
    id: "names-are-hints",
    what: "what is wrong with names is left out, and keeps nobody from reading the rest",
    lines: ["E39", "E40"],
    file: "src/wasm/names.ts",
    find: `      if (!(error instanceof ModuleInvalidError)) throw error;`,
    replace: `      if (error instanceof ModuleInvalidError) throw error;`,
    also: [{
      file: "src/wasm/names.ts",
      find: `        if (subsection === id) this.spaces`,
      replace: `        if (subsection === id || id > 11) this.spaces`,
    }, {
      file: "src/wasm/names.ts",
      find: `names.notes.push("All name sections but the first were ignored.");`,
      replace: `names.read(second);`,
    }],
    tests: ["tests/wasm/names_test.ts", READING_TEST],
    only: ["readNames()", "names that lie"],
  },
  {
    id: "counts-limited",
    what: "there are no more of the parts of a module than V8 takes, and than the limits say",
    lines: ["E40"],
    file: "src/wasm/implementation_limits.ts",
    find: `  if (total <= limits[name]) return;`,
    replace: `  if (total >= 0 || limits[name] < 0) return;`,
    also: [{
      file: "src/analysis/declared.ts",
      find: `if (declared[name] <= limits[name]) continue;`,
      replace: `if (declared[name] <= Infinity || limits[name] < 0) continue;`,
    }],
    tests: [READING_TEST],
    only: ["10^6 functions", "10^6 globals", "150,000", "100,000 tables", "4 billion locals"],
  },
  {
    id: "types-limited",
    what: "there are no more types than V8 takes, whose process ends when it has heard of too many",
    lines: ["E40"],
    file: "src/wasm/read/type_section.ts",
    find: `    checkLimit(draft.limits, "types", start + size, { what: SECTION, noun: "count", offset });`,
    replace: `    void offset;`,
    also: [{
      file: "src/wasm/read/type_section.ts",
      find: `  const count = readCount(cursor, draft, { limit: "types", what: SECTION });`,
      replace: `  const count = cursor.u32(SECTION);`,
    }],
    tests: [READING_TEST],
    only: ["10^6 types"],
    ends: "crash",
  },
  {
    id: "reading-linear",
    what: "nothing is compared with all that came before it",
    lines: ["E42"],
    file: "src/wasm/read/type_section.ts",
    find: `  const form = cursor.peek();
  if (form !== FORM.sub && form !== FORM.subFinal) {`,
    replace: `  const form = cursor.peek();
  draft.types.some((before) => before.offset === offset);
  if (form !== FORM.sub && form !== FORM.subFinal) {`,
    also: [{
      file: "src/wasm/read/export_section.ts",
      find: "  return `n${name}`;",
      replace: "  return name;",
    }, {
      file: "src/wasm/read/constant_expression.ts",
      find: `  let depth = 1;`,
      replace: `  const open: number[] = [];
  let depth = 1;`,
    }, {
      file: "src/wasm/read/constant_expression.ts",
      find: `depth++;`,
      replace: `depth += open.push(shape) > 0 && open.some((one) => one < 0) ? 2 : 1;`,
    }, {
      file: "src/wasm/read/code_section.ts",
      find: `  let localCount = 0;`,
      replace: `  const counts: number[] = [];
  let localCount = 0;`,
    }, {
      file: "src/wasm/read/code_section.ts",
      find: `    localCount += cursor.u32(LOCALS);`,
      replace: `    counts.push(cursor.u32(LOCALS));
    localCount = counts.reduce((sum, count) => sum + count);`,
    }, {
      file: "src/wasm/read/element_section.ts",
      find:
        `  for (let entry = 0; entry < count; entry++) expressions.push(readConstantExpression(cursor, draft));`,
      replace: `  for (let entry = 0; entry < count; entry++) {
    const expression = readConstantExpression(cursor, draft);
    if (expressions.every(({ start }) => start !== expression.start)) expressions.push(expression);
  }`,
    }, {
      file: "src/wasm/read/custom_section.ts",
      find: `  draft.customs.push(`,
      replace: `  draft.customs.map((before) => before.name.toUpperCase()).includes(name);
  draft.customs.push(`,
    }],
    tests: ["tests/wasm/read_growth_test.ts"],
    only: ["in proportion to the bytes"],
    direct: true,
    seconds: 200,
  },
  {
    id: "blocks-counted",
    what: "open blocks of a constant expression are counted, and not kept",
    lines: ["E42"],
    file: "src/wasm/read/constant_expression.ts",
    find: `  let depth = 1;`,
    replace: `  const open: number[] = [];
  let depth = 1;`,
    also: [{
      file: "src/wasm/read/constant_expression.ts",
      find: `depth++;`,
      replace: `depth += open.push(shape) > 0 && open.slice().length === 0 ? 2 : 1;`,
    }],
    tests: ["tests/wasm/read_growth_test.ts"],
    only: ["blocks in a constant expression"],
    direct: true,
  },
  {
    id: "validation-bounded",
    what: "the validator's stacks double, and what a function piles up and a module moves is bounded",
    lines: ["E41"],
    file: "src/wasm/validate/code_state.ts",
    find: `  const longer = make(2 * array.length);`,
    replace: `  const longer = make(array.length + 256);`,
    also: [{
      file: "src/wasm/validate/code_state.ts",
      find: `export const MAX_OPERANDS = 2 ** 20;`,
      replace: `export const MAX_OPERANDS = 2 ** 24;`,
    }, {
      file: "src/wasm/validate/code_state.ts",
      find: `const VALUES = 100_000_000;`,
      replace: `const VALUES = 100_000_000_000;`,
    }, {
      file: "src/wasm/validate/rules/control.ts",
      find: `    const types = state.labelTypes(reader.labels[at] ?? 0);`,
      replace: `    const types = state.labelTypes(reader.labels.slice(0, 1 + (at >> 3))[at] ?? 0);`,
    }],
    tests: [VALIDATING],
    direct: true,
  },
  {
    id: "validation-types",
    what:
      "locals that are not written out have types all the same, and types are equal that are written alike",
    lines: ["E41"],
    file: "src/wasm/validate/locals.ts",
    find: `    while (low < high) {`,
    replace: `    while (low > high) {`,
    also: [{
      file: "src/wasm/validate/canonical_types.ts",
      find: `(inGroup ? IN_GROUP : 0) | (value >> LOW_BITS);`,
      replace: `(inGroup ? IN_GROUP : 0);`,
    }],
    tests: [VALIDATING],
    direct: true,
  },
  {
    id: "content-bounded",
    what: "content is looked through for levels and parts before anything is made of it",
    lines: ["D37", "D38"],
    file: "src/core/content_bounds.ts",
    find: `  get excess(): string | undefined {`,
    replace: `  get excess(): string | undefined {
    if (this.#levels < Infinity) return undefined;`,
    tests: [CONTENT],
    seconds: 300,
  },
  {
    id: "content-room",
    what: "room for content is looked for in the memory as it is after the guest gave it",
    lines: ["B17"],
    file: "src/guest/content_abi.ts",
    find: `    const memory = this.#instance.memoryBuffer;`,
    replace: `    const memory = this.#memory ??= this.#instance.memoryBuffer;`,
    also: [{
      file: "src/guest/content_abi.ts",
      find: `  readonly #instance: GuestInstance;`,
      replace: `  readonly #instance: GuestInstance;
  #memory: ArrayBuffer | undefined;`,
    }, {
      file: "src/guest/content_abi.ts",
      find: `    if (size > memory.byteLength - address) {`,
      replace: `    if (size < 0) {`,
    }],
    tests: [GROWING_CONTENT],
    only: ["B17"],
  },
  {
    id: "log-text",
    what: "a message of the log is text, whatever its bytes are",
    lines: ["B18"],
    file: "src/wasi/log_imports.ts",
    find: `new TextDecoder("utf-8", { ignoreBOM: true })`,
    replace: `new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })`,
    tests: [GROWING_CONTENT],
    only: ["B18"],
  },
];
