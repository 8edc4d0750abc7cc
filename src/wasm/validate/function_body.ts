import type { InstructionReader } from "../instructions.ts";
import type { FunctionBody, FunctionType } from "../module.ts";
import type { CodeState } from "./code_state.ts";
import type { FunctionObserver } from "./function_observer.ts";
import { checkInstruction } from "./instruction.ts";

/** Checks the instructions of a range, up to the `end` that closes its outermost frame. */
function checkCode(
  state: CodeState,
  reader: InstructionReader,
  observer: FunctionObserver | undefined,
): void {
  while (reader.next()) {
    if (state.depth === 0) throw state.error("instructions follow the last end");
    if (observer !== undefined) observer.instruction(reader, state.height, !state.dead, state);
    checkInstruction(state, reader);
  }
  if (state.depth > 0) throw state.unfinished();
}

/** Checks a function, given its index among all functions and its type. The state keeps its maxima until the next. */
export function checkFunction(
  state: CodeState,
  { index, type, body, observer }: {
    readonly index: number;
    readonly type: FunctionType;
    readonly body: FunctionBody;
    readonly observer: FunctionObserver | undefined;
  },
): void {
  const { reader } = state;
  state.locals.reset(type, body);
  state.begin({ kind: "function", index }, type);
  state.spend(state.locals.count);
  reader.reset(body.code, body.end);
  reader.offset = body.start;
  if (state.locals.holdsExceptions) state.useNewExceptions("a local");
  observer?.begin?.(index, body);
  checkCode(state, reader, observer);
  observer?.end?.(index);
}
