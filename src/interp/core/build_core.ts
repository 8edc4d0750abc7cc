/** Builds the interpreter's core: one function, a loop around one `br_table`, with a case for each operation. */
import { CoreWriter, LOCAL } from "./core_writer.ts";
import { CORE, EXIT, type MemoryKind } from "../machine_layout.ts";
import { MEMORY_OPERATIONS } from "./memory_operations.ts";
import type { CoreMemory, MemoryOperation, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { type SequencePart, SEQUENCES } from "./sequences.ts";
import { ByteWriter, writeFunctionType, writeValueType } from "../../wasm/encoder.ts";
import { EXTERNAL_KINDS } from "../../wasm/module.ts";
import { F32, F64, I32, I64, V128 } from "../../wasm/types.ts";

/**
 * The bytes of the core for modules with these memories: our own code, and all that V8 compiles for the interpreter.
 *
 *     import machine."0"                memory: the machine
 *     import machine."1" …              memories of the guest
 *     export run: (pc, fp, base) -> why it was left, of `EXIT`
 *
 * @param beforeEach writes what is done before each instruction
 */
export function buildCore(
  memories: readonly MemoryKind[],
  beforeEach: (core: CoreWriter) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(1 << 16);
  writer.header();
  writer.section("type", () => {
    writer.u32(1);
    writeFunctionType(writer, { params: [I32, I32, I32], results: [I32] });
  });
  writer.section("import", () => {
    writer.u32(memories.length + 1);
    for (const [index, kind] of ["i32", ...memories].entries()) {
      writer.name(CORE.module);
      writer.name(String(index));
      writer.u8(EXTERNAL_KINDS.memory);
      writer.u8(kind === "i64" ? 4 : 0);
      writer.u32(0);
    }
  });
  writer.section("function", () => {
    writer.u32(1);
    writer.u32(0);
  });
  writer.section("export", () => {
    writer.u32(1);
    writer.name(CORE.run);
    writer.u8(EXTERNAL_KINDS.function);
    writer.u32(0);
  });
  writer.section("code", () => {
    const body = runBody(memories, beforeEach);
    writer.u32(1);
    writer.u32(body.length);
    writer.bytes(body);
  });
  return writer.written().slice();
}

/**
 * Rounds of loops after which the core is left in any case. Code that was instrumented leaves it long before; but registers
 * may have been restored from bytes that somebody wrote, and those that instrumentation relies on among them.
 */
const ROUNDS = 1 << 20;

/** Locals of the core's function beyond its parameters, as {@linkcode LOCAL} numbers them. */
const LOCAL_GROUPS = [
  [LOCAL.wide - LOCAL.base - 1, I32],
  [LOCAL.linkF32 - LOCAL.wide, I64],
  [1, F32],
  [1, F64],
  [1, V128],
] as const;

function runBody(memories: readonly MemoryKind[], beforeEach: (core: CoreWriter) => void): Uint8Array {
  const core = new CoreWriter(), { bytes } = core;
  bytes.u32(LOCAL_GROUPS.length);
  for (const [count, type] of LOCAL_GROUPS) {
    bytes.u32(count);
    writeValueType(bytes, type);
  }
  core.i32(ROUNDS).set("rounds");
  const unknown = core.block();
  core.openDispatch();
  const outOfBounds = core.block();
  const ofMemories = memories.map((kind, index): CoreMemory => ({
    index: index + 1,
    wide: kind === "i64",
    outOfBounds,
  }));
  const cases = [
    ...OPERATIONS.map(({ write }) => () => write(core)),
    ...SEQUENCES.map((sequence) => () => writeSequence(core, sequence, ofMemories[0])),
    ...ofMemories.flatMap((memory) => MEMORY_OPERATIONS.map(({ write }) => () => write(core, memory))),
  ];
  const blocks = cases.map(() => core.block());
  beforeEach(core);
  core.word(0);
  core.table(blocks.toReversed(), unknown);
  for (const write of cases) {
    core.end();
    write();
  }
  core.end(); // a case left for a memory trap, after it had marked where
  core.leave(EXIT.trapMemory);
  core.end();
  core.end(); // no such operation: the compiler never emits it
  core.plain("unreachable", "end");
  return bytes.written();
}

const PARTS: ReadonlyMap<string, Operation> = new Map(OPERATIONS.map((part) => [part.name, part]));
const MEMORY_PARTS: ReadonlyMap<string, MemoryOperation> = new Map(
  MEMORY_OPERATIONS.map((part) => [part.name, part]),
);

/** Writes the case of a sequence; accesses are those of a memory whose addresses are of 32 bits. */
function writeSequence(
  core: CoreWriter,
  sequence: readonly SequencePart[],
  memory: CoreMemory | undefined,
): void {
  const parts = sequence.map(({ name, link }) => {
    const plain = PARTS.get(name), access = MEMORY_PARTS.get(name);
    if (plain !== undefined) return { words: plain.words, write: () => plain.write(core), link };
    if (access === undefined) throw new Error(`Cannot write a sequence: there is no operation "${name}"`);
    if (memory === undefined || memory.wide) return undefined;
    return { words: access.words, write: () => access.write(core, memory), link };
  });
  const written = parts.filter((part) => part !== undefined);
  if (written.length < parts.length) core.plain("unreachable"); // the compiler does not emit it
  else core.sequence(written);
}
