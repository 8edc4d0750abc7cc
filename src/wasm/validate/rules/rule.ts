import type { InstructionReader } from "../../instructions.ts";
import type { CodeState } from "../code_state.ts";

/** Checks one instruction, whose immediates stand in the reader, and moves the state past it. */
export type Rule = (state: CodeState, reader: InstructionReader) => void;

/** Rules by mnemonic. */
export type Rules = Readonly<Record<string, Rule>>;
