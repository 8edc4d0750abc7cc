/** How the guest's code ends early: V8's own words, so that whoever reads them need not know the engine. */

/** A function on the stack of a trap. */
export interface InterpreterFrame {
  /** The name that the module's name section gives the module. */
  readonly label: string;
  readonly functionIndex: number;
  /** Byte offset of the instruction in the module that was compiled. */
  readonly offset: number;
}

export const TRAP_MESSAGES = {
  unreachable: "unreachable",
  memory: "memory access out of bounds",
  table: "table index is out of bounds",
  nullFunction: "null function",
  signature: "function signature mismatch",
  null: "dereferencing a null pointer",
  data: "data segment out of bounds",
  element: "element segment out of bounds",
  nullException: "rethrowing null value",
} as const;

export type TrapName = keyof typeof TRAP_MESSAGES;

const FRAMES = new WeakMap<object, readonly InterpreterFrame[]>();

/** The functions that were on the stack when the guest's code ended with this error, innermost first; undefined for other errors. */
export function interpreterFrames(error: unknown): readonly InterpreterFrame[] | undefined {
  return typeof error === "object" && error !== null ? FRAMES.get(error) : undefined;
}

/** Notes where the guest was; an error that left an inner call keeps what was noted there. */
export function noteFrames<T extends object>(error: T, frames: () => readonly InterpreterFrame[]): T {
  if (!FRAMES.has(error)) FRAMES.set(error, frames());
  return error;
}

const OVERFLOW = "Maximum call stack size exceeded";

/** What V8 throws where its own stack is at its end. */
export function stackOverflow(): RangeError {
  return new RangeError(OVERFLOW);
}

/** Whether it is that error: no handler of a guest sees it. */
export function isStackOverflow(error: unknown): error is RangeError {
  return error instanceof RangeError && error.message === OVERFLOW;
}

/** V8's class of exceptions that guests throw; the library types lack it. */
interface ExceptionClasses {
  readonly Tag: new (type: { readonly parameters: readonly string[] }) => object;
  readonly Exception: new (tag: object, payload: readonly unknown[]) => object;
}

/** The exception of the interpreter that an error stands for. */
export interface UncaughtException {
  /** The object that the module which defines the tag exports. */
  readonly tag: object;
  /** Values; of types that JavaScript does not have there is undefined. */
  readonly payload: readonly unknown[];
}

const THROWN = new WeakMap<object, UncaughtException>();

/** What comes out of a guest that throws and does not catch. */
export function uncaughtException(thrown: UncaughtException): object {
  const { Tag, Exception } = WebAssembly as unknown as ExceptionClasses; // `as`: see above
  const error = new Exception(new Tag({ parameters: [] }), []);
  THROWN.set(error, thrown);
  return error;
}

/** The exception that ended a call with this error; undefined for other errors. */
export function thrownBy(error: unknown): UncaughtException | undefined {
  return typeof error === "object" && error !== null ? THROWN.get(error) : undefined;
}
