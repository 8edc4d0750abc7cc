/** The code of a module for programs: as one document, or as a line for each function and each instruction. */
import { cutText } from "../core/cut.ts";
import type { Json } from "../core/json.ts";
import { formatType } from "../wasm/types.ts";
import {
  type BrokenItem,
  disassembledItems,
  type DisassemblyOptions,
  type FunctionItem,
  type InstructionItem,
  MOST_LOCALS,
  type NamedModule,
} from "./disassembly.ts";
import { jsonLine, jsonLines } from "./json_pieces.ts";

/** UTF-16 units of a name or a message. */
const LONGEST = 1000;

function functionJson({ index, name, type, body }: FunctionItem): { readonly [key: string]: Json } {
  return {
    index,
    name: name === undefined ? null : cutText(name, LONGEST),
    type,
    imported: body === undefined,
    ...(body === undefined ? {} : {
      offset: body.start,
      size: body.end - body.start,
      // Groups, as they stand there: two bytes make one.
      locals: body.locals.slice(0, MOST_LOCALS).map(({ count, type }) => ({ count, type: formatType(type) })),
      localGroups: body.locals.length,
    }),
  };
}

function instructionJson({ offset, depth, text, note }: InstructionItem): { readonly [key: string]: Json } {
  return { offset, depth, text, note: note ?? null };
}

function brokenJson({ offset, error }: BrokenItem): { readonly [key: string]: Json } {
  return { offset, message: cutText(error.message, LONGEST) };
}

/** One document: functions with their instructions, a line each. */
export function* disassemblyDocument(
  named: NamedModule,
  { functions, onError }: DisassemblyOptions,
): Generator<string, void> {
  let inFunction = false, instructions = 0, broken: BrokenItem | undefined;
  const end = () => {
    const error = broken === undefined ? "null" : jsonLine(brokenJson(broken));
    return inFunction ? `${instructions > 0 ? "\n    " : ""}],"error":${error}}` : "";
  };
  yield '{\n  "functions": [';
  for (const item of disassembledItems(named, functions)) {
    switch (item.kind) {
      case "function":
        yield `${end()}${inFunction ? "," : ""}\n    ${
          jsonLine(functionJson(item)).slice(0, -1)
        },"instructions":[`;
        inFunction = true;
        instructions = 0;
        broken = undefined;
        break;
      case "instruction":
        yield `${instructions++ > 0 ? "," : ""}\n      ${jsonLine(instructionJson(item))}`;
        break;
      case "broken":
        broken = item;
        onError(item.error);
    }
  }
  yield `${end()}${inFunction ? "\n  " : ""}]\n}\n`;
}

/** A line for each function and each of its instructions, which says whose it is. */
export function disassemblyLines(
  named: NamedModule,
  { functions, onError }: DisassemblyOptions,
): Generator<string, void> {
  const items = function* (): Generator<Json, void> {
    let owner = 0;
    for (const item of disassembledItems(named, functions)) {
      switch (item.kind) {
        case "function":
          owner = item.index;
          yield { kind: "function", ...functionJson(item) };
          break;
        case "instruction":
          yield { kind: "instruction", function: owner, ...instructionJson(item) };
          break;
        case "broken":
          yield { kind: "error", function: owner, ...brokenJson(item) };
          onError(item.error);
      }
    }
  };
  return jsonLines(items());
}
