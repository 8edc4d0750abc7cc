import type { OpcodeRow } from "../opcode.ts";
import { NONE, oneByteRows } from "./row.ts";

/** Control flow: blocks, branches, calls, exceptions of both generations, parametric instructions. */
export const CONTROL: readonly OpcodeRow[] = [
  ...oneByteRows("mvp", [
    [0x00, "unreachable", NONE, undefined, "free"],
    [0x01, "nop", NONE, "->", "free"],
    [0x02, "block", ["blocktype"], undefined, "free"],
    [0x03, "loop", ["blocktype"], undefined, "free"],
    [0x04, "if", ["blocktype"], undefined],
    [0x05, "else", NONE, undefined, "free"],
    [0x0b, "end", NONE, undefined, "free"],
    [0x0c, "br", ["label"], undefined, "branch"],
    [0x0d, "br_if", ["label"], undefined, "branch"],
    [0x0e, "br_table", ["labels"], undefined, "branch"],
    [0x0f, "return", NONE, undefined, "free"],
    [0x10, "call", ["function"], undefined, "call"],
    [0x11, "call_indirect", ["type", "table"], undefined, "call"],
    [0x1a, "drop", NONE, undefined, "free"],
    [0x1b, "select", NONE, undefined],
  ]),
  ...oneByteRows("reference-types", [
    [0x1c, "select t", ["types"], undefined],
  ]),
  ...oneByteRows("tail-call", [
    [0x12, "return_call", ["function"], undefined, "call"],
    [0x13, "return_call_indirect", ["type", "table"], undefined, "call"],
  ]),
  ...oneByteRows("legacy-exceptions", [
    [0x06, "try", ["blocktype"], undefined],
    [0x07, "catch", ["tag"], undefined, "free"],
    [0x09, "rethrow", ["label"], undefined, "throw"],
    [0x18, "delegate", ["label"], undefined, "free"],
    [0x19, "catch_all", NONE, undefined, "free"],
  ]),
  ...oneByteRows("exceptions", [
    [0x08, "throw", ["tag"], undefined, "throw"],
    [0x0a, "throw_ref", NONE, undefined, "throw"],
    [0x1f, "try_table", ["blocktype", "catches"], undefined],
  ]),
  ...oneByteRows("function-references", [
    [0x14, "call_ref", ["type"], undefined, "call"],
    [0x15, "return_call_ref", ["type"], undefined, "call"],
    [0xd4, "ref.as_non_null", NONE, undefined],
    [0xd5, "br_on_null", ["label"], undefined, "branch"],
    [0xd6, "br_on_non_null", ["label"], undefined, "branch"],
  ]),
];
