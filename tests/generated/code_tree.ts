/**
 * Code as a tree, so that it can be taken apart: instructions in sequences, and those that open a block with the
 * sequences inside it. Writing a tree gives the bytes that it was read from.
 */
import { InstructionReader } from "../../src/wasm/instructions.ts";
import type { Module } from "../../src/wasm/module.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { type Bytes, join, leb, rawModule, SECTION, section } from "../wasm/module_builder.ts";

export interface Instruction {
  readonly mnemonic: string;
  /** Opcode and immediates. */
  readonly bytes: Bytes;
  /** Where it was read from. */
  readonly offset?: number;
  /** What stands inside: one part, or several with `else` or `catch` between them. */
  readonly parts?: readonly Part[];
  /** `end`, or `delegate` with its label. */
  readonly close?: Bytes;
}

export interface Part {
  /** `else`, `catch` with its tag, `catch_all`; empty for the first. */
  readonly head: Bytes;
  readonly code: readonly Instruction[];
}

/** A function that can be written anew. */
export interface TreeFunction {
  /** Groups of locals, with their count. */
  readonly locals: Bytes;
  readonly code: readonly Instruction[];
}

const OPENERS: ReadonlySet<string> = new Set(["block", "loop", "if", "try", "try_table"]);
const MIDDLE: ReadonlySet<string> = new Set(["else", "catch", "catch_all"]);
const CLOSERS: ReadonlySet<string> = new Set(["end", "delegate"]);

export function readTrees(bytes: Uint8Array): { module: Module; functions: TreeFunction[] } {
  const module = readModule(bytes), reader = new InstructionReader(bytes);
  const functions = module.bodies.map((body) => {
    reader.reset(body.code, body.end);
    const { code } = readSequence(reader);
    return { locals: [...bytes.subarray(body.start, body.code)], code };
  });
  return { module, functions };
}

/** Reads up to the mark that ends a sequence. */
function readSequence(reader: InstructionReader): { code: Instruction[]; mark: string; bytes: Bytes } {
  const code: Instruction[] = [];
  while (reader.next()) {
    const { mnemonic = "" } = ROWS[reader.key] ?? {};
    const { offset } = reader, bytes = [...reader.bytes.subarray(offset, reader.end)];
    if (CLOSERS.has(mnemonic) || MIDDLE.has(mnemonic)) return { code, mark: mnemonic, bytes };
    code.push(
      OPENERS.has(mnemonic) ? readBlock(reader, { mnemonic, bytes, offset }) : { mnemonic, bytes, offset },
    );
  }
  throw new Error("A body of a module that was read has no end");
}

function readBlock(reader: InstructionReader, opener: Instruction): Instruction {
  const parts: Part[] = [];
  for (let head: Bytes = [];;) {
    const sequence = readSequence(reader);
    parts.push({ head, code: sequence.code });
    if (CLOSERS.has(sequence.mark)) return { ...opener, parts, close: sequence.bytes };
    head = sequence.bytes;
  }
}

function writeCode(code: readonly Instruction[], to: Bytes = []): Bytes {
  for (const { bytes, parts, close } of code) {
    for (const byte of bytes) to.push(byte);
    for (const part of parts ?? []) {
      to.push(...part.head);
      writeCode(part.code, to);
    }
    if (close !== undefined) to.push(...close);
  }
  return to;
}

const END = 0x0b;

/** The bytes of a function with its size. */
export function writeFunction({ locals, code }: TreeFunction): Bytes {
  const inner = join([locals, writeCode(code), [END]]);
  return join([leb(inner.length), inner]);
}

/** The module with other code; `bodies` come with their sizes. */
export function withBodies(module: Module, bodies: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return rawModule(
    ...module.sections.map(({ id, start, end }) =>
      section(
        id,
        id === SECTION.code ? join([leb(bodies.length), ...bodies]) : [...module.bytes.subarray(start, end)],
      )
    ),
  );
}

/** How many instructions there are, those inside blocks included. */
export function size(code: readonly Instruction[]): number {
  return code.reduce(
    (sum, { parts = [] }) => sum + 1 + parts.reduce((inner, part) => inner + size(part.code), 0),
    0,
  );
}
