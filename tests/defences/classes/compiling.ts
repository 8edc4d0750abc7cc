/** Class E: what keeps hostile bytes from harming who reads, checks and compiles them. */
import type { Defence } from "../defence.ts";

const READING = "tests/adversarial/compiling/reading_test.ts",
  BOMBS = "tests/adversarial/compiling/compile_bombs_test.ts",
  COUNTER = "tests/adversarial/cpu/counter_test.ts",
  SECTIONS = "tests/wasm/read_sections_test.ts";

/** V8's own verdict on the original, the second wall behind ours. */
const WITHOUT_V8 = {
  file: "src/guest/prepare.ts",
  find: `  if (!WebAssembly.validate(original)) await refuseLikeV8(original);`,
  replace: `  void [original, refuseLikeV8];`,
} as const;

export const COMPILING: readonly Defence[] = [
  {
    id: "read-magic",
    what: "bytes without the head of a module are none, and the error says where",
    lines: ["E39"],
    file: "src/wasm/read_module.ts",
    find: `  if (version !== VERSION) throw mismatch("version", \`version \${version} must be 1\`, 4);`,
    replace: `  void [version, VERSION];`,
    tests: [READING],
    only: ["E39 no bytes", "E39 a module cut"],
  },
  {
    id: "read-limit",
    what: "nothing is read at or past the end",
    lines: ["E39", "E42"],
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
    id: "read-leb",
    what: "a number in LEB128 has no byte and no bit too many",
    lines: ["E39"],
    file: "src/wasm/cursor.ts",
    find: `  if (byte > 0x7f) throw lebTooLong(what, 5, offset);
  if (!fits) throw lebTooLarge(what, 32, offset);`,
    replace: `  void [what, byte, fits, offset];`,
    tests: [READING, SECTIONS],
    only: ["E39 no bytes", "E42", "LEB128"],
  },
  {
    id: "read-utf8",
    what: "a name that is no UTF-8 makes a module invalid",
    lines: ["F45", "E39"],
    file: "src/wasm/cursor.ts",
    find: `new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })`,
    replace: `new TextDecoder("utf-8", { fatal: false, ignoreBOM: true })`,
    also: [WITHOUT_V8],
    tests: ["tests/adversarial/network/imports_test.ts"],
    only: ["surrogate"],
  },
  {
    id: "read-order",
    what: "sections stand once, and in their order",
    lines: ["E39", "E42"],
    file: "src/wasm/read_module.ts",
    find: `    if (order > 0 && order <= lastOrder) {`,
    replace: `    if (order > 99 && order <= lastOrder) {`,
    also: [WITHOUT_V8],
    tests: [READING, SECTIONS],
    only: ["E42", "E39", "order"],
  },
  {
    id: "read-left-over",
    what: "a section is read to its end, and no further",
    lines: ["E39", "E42"],
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
    lines: ["E39", "E42"],
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
    id: "read-linear",
    what: "groups of locals are decoded when somebody asks, and no count allocates anything",
    lines: ["E40"],
    file: "src/wasm/read/count.ts",
    find: `  const count = cursor.u32(what);
  checkLimit(draft.limits, rule.limit, count, { what, noun: "count", offset, before });`,
    replace: `  const count = cursor.u32(what);
  void [rule, offset, before, checkLimit, draft, new Array(Math.min(count, 2 ** 27)).fill(0)];`,
    tests: [READING],
    only: ["4 billion", "in every section"],
    seconds: 120,
  },
  {
    id: "read-limits",
    what: "a module with more of anything than V8 takes, or than may be, is refused when it is counted",
    lines: ["E40"],
    file: "src/wasm/implementation_limits.ts",
    find: `  if (total <= limits[name]) return;`,
    replace: `  if (total <= Infinity || limits[name] < 0) return;`,
    tests: [READING, "tests/wasm/read_limits_test.ts"],
    only: ["E40", "limit"],
    seconds: 240,
  },
  {
    id: "validated-by-us",
    what: "our own validator checks every instruction",
    lines: ["E42", "C26"],
    file: "src/guest/prepare.ts",
    find: `  const validation = validateModule(module);`,
    replace:
      `  const validation = { ...validateModule({ ...module, bodies: [] } as unknown as typeof module), maxOperandBytes: new Float64Array(module.bodies.length) };`,
    tests: [READING, COUNTER],
    only: ["E42", "invalid", "C26"],
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
    tests: [READING, COUNTER],
    only: ["E42", "C26"],
  },
  {
    id: "bytes-copied",
    what: "bytes are copied before they are looked at",
    lines: ["E39"],
    file: "src/sandbox/aegis.ts",
    find: `    const copy = Uint8Array.from(bytes);`,
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
    id: "prepared-elsewhere",
    what: "a module is prepared in a Worker, and not on the host's thread",
    lines: ["E40", "E41"],
    file: "src/sandbox/aegis.ts",
    find: `    const copy = Uint8Array.from(bytes);`,
    replace: `    const copy = Uint8Array.from(bytes);
    if (bytes.length > 1_000_000) {
      const { prepare } = await import("../guest/prepare.ts"), { resolveLimits } = await import("../core/limits.ts");
      await prepare(copy, { limits: resolveLimits({}) }).catch(() => {});
    }`,
    tests: [READING],
    only: ["E40", "E41"],
    seconds: 240,
  },
];
