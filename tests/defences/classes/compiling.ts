/** Class E: what keeps hostile bytes from harming who reads, checks and compiles them. */
import type { Defence } from "../defence.ts";

const READING = "tests/adversarial/compiling/reading_test.ts",
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
    id: "compile-cost",
    what: "a module that would keep V8's compilers busy for too long is refused",
    lines: ["E41"],
    file: "src/guest/prepare.ts",
    find:
      `  if (!interpreted) checkCompileCost(module, { plan, maxOperandBytes: validation.maxOperandBytes, killable });`,
    replace: `  void [interpreted, checkCompileCost, killable];`,
    tests: [BOMBS],
    seconds: 300,
    ends: "hang",
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
    lines: ["E39", "E42"],
    file: "src/wasm/read_errors.ts",
    find: `  return new ModuleInvalidError(\`Cannot read \${what}: the bytes end\`, offset);`,
    replace: `  throw new RangeError(\`\${what} \${offset}\`);`,
    tests: [
      "tests/wasm/read_fuzz_test.ts",
      "tests/wasm/read_growth_test.ts",
      "tests/wasm/cursor_test.ts",
      "tests/wasm/names_test.ts",
    ],
    direct: true,
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
    find: `  return { engine, limit: engine };`,
    replace: `  return { engine: engine + 1, limit: engine + 1 };`,
    also: [{
      file: "src/wasm/implementation_limits.ts",
      find: `const BODY_BYTES = 7_654_321;`,
      replace: `const BODY_BYTES = 7_654_322;`,
    }],
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
    replace: `    return this.key = 1, void unknownOpcode;`,
    also: [{
      file: "src/wasm/instructions.ts",
      find: `    if (byte !== 0) throw unexpectedByte("reserved byte", byte, "0", start);`,
      replace: ``,
    }],
    tests: ["tests/wasm/instructions_test.ts"],
    direct: true,
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
    lines: ["E43"],
    file: "src/instrument/rewrite_body.ts",
    find: `moved = (label: number) => label > inside ? label + WRAPPER_LABELS : label;`,
    replace:
      `moved = (label: number) => label > inside ? label + WRAPPER_LABELS - 1 + WRAPPER_LABELS * 0 : label;`,
    tests: ["tests/generated/generated_test.ts"],
    direct: true,
    seconds: 200,
  },
];
