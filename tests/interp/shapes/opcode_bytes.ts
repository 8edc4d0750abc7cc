/** The bytes of an opcode by its mnemonic. */
import { ByteWriter, writeOpcode } from "../../../src/wasm/encoder.ts";
import { op } from "../../../src/wasm/opcodes.ts";
import type { Bytes } from "../../wasm/module_builder.ts";

export function opcodeBytes(mnemonic: string): Bytes {
  const writer = new ByteWriter(8);
  writeOpcode(writer, op(mnemonic));
  return [...writer.written()];
}
