/** Class E: what keeps hostile bytes from harming who reads, checks and compiles them. */
import type { Defence } from "../defence.ts";

const READING = "tests/adversarial/compiling/reading_test.ts",
  PROPOSALS = "tests/adversarial/compiling/proposals_test.ts",
  BOMBS = "tests/adversarial/compiling/compile_bombs_test.ts",
  COUNTER = "tests/adversarial/cpu/counter_test.ts";

/** V8's own verdict on the original, the second wall behind ours. */
const WITHOUT_V8 = {
  file: "src/guest/prepare.ts",
  find: `  if (!WebAssembly.validate(original)) await refuseLikeV8(original);`,
  replace: `  void [original, refuseLikeV8];`,
} as const;

export const COMPILING: readonly Defence[] = [
  {
    id: "read-limit",
    what: "nothing is read at or past the end",
    lines: ["E39"],
    file: "src/wasm/cursor.ts",
    find: `    if (position >= this.limit) throw truncated(what, this.limit);
    this.position = position + 1;
    return byteAt(this.bytes, position);`,
    replace: `    void what;
    this.position = position + 1;
    return byteAt(this.bytes, position) ?? 0;`,
    tests: [READING],
    only: ["E39 no bytes", "E39 a module cut", "E42"],
  },
  {
    id: "read-skip",
    what: "a length that leads past the end is refused",
    lines: ["E39"],
    file: "src/wasm/cursor.ts",
    find: `    if (length > this.limit - start) throw outOfBounds(what, length, this.limit - start, start);`,
    replace: `    void [what, outOfBounds];`,
    tests: [READING],
    only: ["E39 no bytes", "E39 a module cut", "E42"],
  },
  {
    id: "read-left-over",
    what: "a section is read to its end, and no further",
    lines: ["E42"],
    file: "src/wasm/read_module.ts",
    find: `    if (cursor.position !== end) {`,
    replace: `    if (cursor.position !== end && end < 0) {`,
    also: [WITHOUT_V8, {
      file: "src/wasm/read_module.ts",
      find: `    cursor.limit = bytes.length;
  }`,
      replace: `    cursor.limit = bytes.length;
    cursor.position = end;
  }`,
    }],
    tests: [READING],
    only: ["E42", "E39 a module", "E39 no bytes"],
  },
  {
    id: "read-counts",
    what: "what two sections say of each other has to agree",
    lines: ["E39"],
    file: "src/wasm/read_module.ts",
    find: `  checkCounts(draft);
  return draft;`,
    replace: `  void checkCounts;
  return draft;`,
    also: [WITHOUT_V8],
    tests: [READING],
    only: ["E39 a module cut", "E42"],
  },
  {
    id: "validated-by-both",
    what: "what an instruction refers to has to be the module's own: two walls, ours and V8's",
    lines: ["C26", "E42"],
    file: "src/guest/prepare.ts",
    find: `  const validation = validateModule(module);`,
    replace:
      `  const validation = { ...validateModule({ ...module, bodies: [] } as unknown as typeof module), maxOperandBytes: new Float64Array(module.bodies.length) };`,
    also: [WITHOUT_V8],
    tests: [READING, COUNTER, "tests/isolation/hostile_test.ts"],
    only: ["E42", "C26"],
  },
  {
    id: "bytes-copied",
    what: "bytes are copied before they are looked at",
    lines: ["E39"],
    file: "src/sandbox/aegis.ts",
    find: `    const copy = withOwnMemory("Cannot load the module", () => Uint8Array.from(bytes));`,
    replace: `    const copy = bytes as Uint8Array<ArrayBuffer>;
    await new Promise((resolve) => setTimeout(resolve));`,
    tests: [READING],
    only: ["bytes that change"],
  },
  {
    id: "text-bounded",
    what: "what may be in a text module is bounded before the parser sees it",
    lines: ["E39"],
    file: "src/sandbox/wat.ts",
    find: `  checkWatShape(text);`,
    replace: `  void checkWatShape;`,
    tests: [READING],
    only: ["E39 text"],
    seconds: 120,
  },
  {
    id: "text-answered",
    what: "whatever the parser of texts says of one that it does not take is an error of ours",
    lines: ["E39"],
    file: "src/sandbox/wat.ts",
    find: `    throw textError(error, text);`,
    replace: `    void textError;
    throw error;`,
    also: [{
      file: "src/sandbox/wat.ts",
      find: `  checkWatShape(text);`,
      replace: `  void checkWatShape;`,
    }],
    tests: [READING],
    only: ["E39 text"],
  },
  {
    id: "engine-names",
    what: "names that an engine has a meaning of its own for are imports like others",
    lines: ["E44"],
    file: "src/sandbox/linker.ts",
    find: `    return linkProvided(wanted) ?? missing(wanted, functions, loaded);`,
    replace: `    if (wanted.module.startsWith("wasm:")) return { from: "aegis", module: "env", name: "log" };
    return linkProvided(wanted) ?? missing(wanted, functions, loaded);`,
    tests: [PROPOSALS],
    only: ["E44 names"],
  },
  {
    id: "prepared-elsewhere",
    what: "modules are prepared in a thread of their own, and each part in a time of its own",
    lines: ["E40", "E41"],
    file: "src/sandbox/preparer.ts",
    find: `    return await this.#request(bytes, target);`,
    replace: `    const { prepare } = await import("../guest/prepare.ts"), { hash, ...how } = target;
    return await prepare(bytes, { ...this.#options, ...how, label: hash.slice(0, 16) });`,
    also: [{
      file: "src/wasm/read/custom_section.ts",
      find: `  draft.customs.push(`,
      replace: `  draft.customs.map((before) => before.name.toUpperCase()).includes(name);
  draft.customs.push(`,
    }, {
      file: "src/wasm/read/import_section.ts",
      find: `    const index = draft.count(kind);`,
      replace: `    const index = draft.count(kind);
    draft.imports.map((before) => before.name.toUpperCase()).includes(name);`,
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
    }],
    tests: [READING],
    only: [
      "2 million parameters",
      "250,000 functions",
      "100,000 globals",
      "10^6 tags",
      "50,000 exports",
      "10,000 imports",
      "1.9 million",
      "10,000 custom sections",
      "50,000 locals",
      "E41 while",
    ],
  },
  {
    id: "compile-cost",
    what: "a module that would keep V8's compilers busy for too long is refused",
    lines: ["E40", "E41"],
    file: "src/guest/prepare.ts",
    find:
      `  if (!interpreted) checkCompileCost(module, { plan, maxOperandBytes: validation.maxOperandBytes, killable });`,
    replace: `  void [interpreted, checkCompileCost, killable];`,
    tests: [BOMBS, READING, "tests/adversarial/compiling/throw_bomb_test.ts"],
    only: [
      "49,000 locals",
      "operands and",
      "5,000 calls",
      "clauses",
      "in one try",
      "in one old try",
      "branches",
      "br_table",
      "loops in a row",
      "10,000 nested",
      "20,000 nested",
      "calls through",
      "200,000 calls in",
      "30,000 try_tables",
      "values kept",
      "loads",
      "4 MB in functions",
      "E41 throws",
    ],
    seconds: 900,
  },
  {
    id: "segments-linear",
    what: "a segment is not compared with all before it: two walls, that and the thread in which it is read",
    lines: ["E40"],
    file: "src/sandbox/preparer.ts",
    find: `    return await this.#request(bytes, target);`,
    replace: `    const { prepare } = await import("../guest/prepare.ts"), { hash, ...how } = target;
    return await prepare(bytes, { ...this.#options, ...how, label: hash.slice(0, 16) });`,
    also: [{
      file: "src/wasm/read/data_section.ts",
      find: `    draft.data.push({ mode,`,
      replace: `    draft.data.indexOf(undefined as never);
    draft.data.push({ mode,`,
    }],
    tests: [READING],
    only: ["100,000 data segments"],
  },
  {
    id: "bytes-copied-whole",
    what: "bytes are copied in one go, and not one by one",
    lines: ["E40"],
    file: "src/sandbox/aegis.ts",
    find: `() => Uint8Array.from(bytes));`,
    replace: `() => bytes.map((byte) => byte ^ bytes.length ^ bytes.length) as Uint8Array<ArrayBuffer>);`,
    tests: [READING],
    only: ["64 MiB"],
  },
  {
    id: "function-size",
    what: "a function that is larger than V8 compiles in an instant is refused for its size",
    lines: ["E41"],
    file: "src/analysis/declared.ts",
    find: `if (declared[name] <= limits[name]) continue;`,
    replace: `if (declared[name] <= limits[name] || name === "functionSize") continue;`,
    also: [{
      file: "src/wasm/read/code_section.ts",
      find:
        `    checkLimit(draft.limits, "bodyBytes", size, { what: BODY, noun: "size", offset: sizeOffset });`,
      replace: `    void sizeOffset;`,
    }, {
      file: "src/guest/prepare.ts",
      find:
        `  if (!interpreted) checkCompileCost(module, { plan, maxOperandBytes: validation.maxOperandBytes, killable });`,
      replace: `  void [interpreted, checkCompileCost, killable];`,
    }],
    tests: [BOMBS],
    only: ["a function of"],
  },
  {
    id: "read-offsets",
    what: "every error about bytes says where in the module it is",
    lines: ["E39", "E44"],
    file: "src/core/errors.ts",
    find: `    super("ModuleInvalid", \`\${reason} at offset \${formatOffset(offset)}\`);`,
    replace: `    super("ModuleInvalid", \`\${reason} at offset \${formatOffset(offset)}\`);
    this.offset = 0;`,
    tests: [
      "tests/wasm/read_module_test.ts",
      "tests/wasm/cursor_test.ts",
      "tests/wasm/instructions_test.ts",
      "tests/wasm/names_test.ts",
    ],
    direct: true,
  },
  {
    id: "read-errors-ours",
    what: "whatever is wrong with bytes ends in an error of ours",
    lines: ["E39", "E40", "E42", "E44"],
    file: "src/wasm/read_errors.ts",
    find: `  return new ModuleInvalidError(\`Cannot read \${what}: the bytes end\`, offset);`,
    replace: `  throw new RangeError(\`\${what} \${offset}\`);`,
    also: [{
      file: "src/wasm/read_errors.ts",
      find: `  return new ModuleInvalidError(
    \`Cannot read \${what}: length \${length} exceeds the \${left} bytes left\`,
    offset,
  );`,
      replace: `  throw new RangeError(\`\${what} \${length} \${left} \${offset}\`);`,
    }, {
      file: "src/wasm/read_errors.ts",
      find:
        `  return new ModuleInvalidError(\`Cannot read \${what}: \${noun} \${count} exceeds \${limit}\`, offset);`,
      replace: `  throw new RangeError(\`\${what} \${noun} \${count} \${limit} \${offset}\`);`,
    }, {
      file: "src/wasm/read_errors.ts",
      find: `  return new ModuleInvalidError(\`Cannot read \${what}: \${reason}\`, offset);`,
      replace: `  throw new RangeError(\`\${what} \${reason} \${offset}\`);`,
    }, {
      file: "src/wasm/read_errors.ts",
      find:
        `  return new ModuleInvalidError(\`Cannot read \${what}: byte \${hex(byte)} must be \${allowed}\`, offset);`,
      replace: `  throw new RangeError(\`\${what} \${hex(byte)} \${allowed} \${offset}\`);`,
    }],
    tests: [
      "tests/wasm/read_fuzz_test.ts",
      "tests/wasm/read_growth_test.ts",
      "tests/wasm/read_limits_test.ts",
      "tests/wasm/read_module_test.ts",
      "tests/wasm/cursor_test.ts",
      "tests/wasm/names_test.ts",
      READING,
      PROPOSALS,
    ],
    only: [
      "readModule()",
      "readNames()",
      "Cursor",
      "E42 random bytes",
      "4 billion",
      "E44 proposals",
    ],
    seconds: 200,
  },
  {
    id: "read-numbers",
    what: "no number is longer than its type, in bytes and in bits",
    lines: ["E39"],
    file: "src/wasm/cursor.ts",
    find: `  if (byte > 0x7f) throw lebTooLong(what, 5, offset);
  if (!fits) throw lebTooLarge(what, 32, offset);`,
    replace: `  void [what, byte, fits, offset];`,
    also: [{
      file: "src/wasm/cursor.ts",
      find: `    if (byte > 0x7f) throw lebTooLong(what, 5, this.position - 1);
    const high`,
      replace: `    const high`,
    }, {
      file: "src/wasm/cursor.ts",
      find: `    if (high !== byte << 25 >> 25) throw lebTooLarge(what, 33, this.position - 1);`,
      replace: ``,
    }, {
      file: "src/wasm/cursor.ts",
      find: `    if (byte > 1) throw lebTooLarge(what, 64, this.position - 1);`,
      replace: ``,
    }, {
      file: "src/wasm/cursor.ts",
      find: `    if (byte !== 0 && byte !== 0x7f) throw lebTooLarge(what, 64, this.position - 1);`,
      replace: ``,
    }],
    tests: ["tests/wasm/cursor_test.ts"],
    direct: true,
  },
  {
    id: "read-twice",
    what: "no section stands twice, or out of its order",
    lines: ["E39"],
    file: "src/wasm/read_module.ts",
    find: `    if (order > 0 && order <= lastOrder) {`,
    replace: `    if (order > 99 && order <= lastOrder) {`,
    tests: ["tests/wasm/read_module_test.ts"],
    direct: true,
  },
  {
    id: "limits-as-v8",
    what: "our limits of a module's parts are those that V8 has",
    lines: ["E40"],
    file: "src/wasm/implementation_limits.ts",
    find: `} as const satisfies Record<string, LimitRow>;`,
    replace: `} as const satisfies Record<string, LimitRow>;

for (const row of Object.values(IMPLEMENTATION_LIMITS) as { engine: number }[]) row.engine -= 1;`,
    tests: ["tests/wasm/read_limits_test.ts"],
    direct: true,
    seconds: 90,
  },
  {
    id: "limits-checked-when-counted",
    what: "a part that there are too many of is refused as soon as it is counted",
    lines: ["E40"],
    file: "src/wasm/implementation_limits.ts",
    find: `  if (total <= limits[name]) return;`,
    replace: `  if (total >= 0 || limits[name] < 0) return;`,
    tests: ["tests/wasm/read_limits_test.ts"],
    direct: true,
    seconds: 90,
  },
  {
    id: "opcodes-known",
    what: "an opcode that nobody knows, and a byte that has to be 0 and is not, makes a module invalid",
    lines: ["E44"],
    file: "src/wasm/instructions.ts",
    find: `    throw unknownOpcode(byte, byte < 0xfb ? undefined : this.index, this.offset);`,
    replace: `    void [byte, unknownOpcode];
    this.key = 1;
    return true as never;`,
    also: [WITHOUT_V8, {
      file: "src/wasm/instructions.ts",
      find: `    if (byte !== 0) throw unexpectedByte("reserved byte", byte, "0", start);`,
      replace: ``,
    }],
    tests: ["tests/wasm/instructions_test.ts", PROPOSALS],
    only: ["InstructionReader rejects", "E44 proposals", "E44 an opcode"],
  },
  {
    id: "validation-costs",
    what: "locals and operands that are declared in few bytes are not written out",
    lines: ["E41"],
    file: "src/wasm/validate/locals.ts",
    find: `    this.holdsExceptions = groups.some((group) => isExceptionRef(group.type));`,
    replace:
      `    this.holdsExceptions = groups.flatMap((group) => new Array(group.count).fill(group.type)).some(isExceptionRef);`,
    tests: ["tests/wasm/validate_hostile_test.ts"],
    direct: true,
    ends: "crash",
    seconds: 90,
  },
  {
    id: "rewritten-alike",
    what: "a branch that is moved into a wrapper leads where it led before",
    lines: ["E42", "E43"],
    file: "src/instrument/rewrite_body.ts",
    find: `moved = (label: number) => label > inside ? label + WRAPPER_LABELS : label;`,
    replace:
      `moved = (label: number) => label > inside ? label + WRAPPER_LABELS - 1 + WRAPPER_LABELS * 0 : label;`,
    tests: ["tests/generated/generated_test.ts"],
    direct: true,
    seconds: 200,
  },
];
