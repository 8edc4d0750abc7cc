/** One call of an exported function: arguments as they cross, and how the result is to be read. */
import { checkArguments, describeValue, valueMismatch } from "./arguments.ts";
import { type Content, ContentError } from "./content.ts";
import { type AegisModule, type ExportedFunction, exportedFunction } from "./module.ts";
import { FunctionNotFoundError, TypeMismatchError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import {
  type ContentKind,
  formatSignature,
  isContentKind,
  type Kind,
  loweredType,
  type Signature,
  signatureProblem,
} from "../core/signature.ts";
import { suggest } from "../core/suggestion.ts";
import { type CallValue, formatFuncType, type FuncType, type Value, type ValueKind } from "../core/value.ts";
import type { BatchShape } from "../protocol/batch_frames.ts";
import type { FrameValue } from "../protocol/frame.ts";

/** A call that was checked against the function's type. */
export type CallRequest = NumberCall | ContentCall;

/** One with numbers alone. */
export interface NumberCall {
  readonly numbers: true;
  readonly shape: BatchShape;
  /** Index of the export. */
  readonly index: number;
  readonly row: readonly Value[];
}

/** One with values that lie in memory. */
export interface ContentCall {
  readonly numbers: false;
  /** Index of the export. */
  readonly index: number;
  readonly args: readonly FrameValue[];
  /** One for each argument. */
  readonly kinds: readonly Kind[];
  /** What the i64 that it returns stands for; undefined for results as WebAssembly has them. */
  readonly content: ContentKind | undefined;
  /** One for each result. */
  readonly results: readonly Kind[];
}

/** A call as an embedder makes it. */
export interface WantedCall {
  readonly name: string;
  readonly args: readonly CallValue[];
  /** How the function is meant, if the caller says so. */
  readonly type?: Signature | undefined;
}

/** @throws {FunctionNotFoundError} {TypeMismatchError} */
export function callRequest(
  module: AegisModule,
  { name, args, type }: WantedCall,
  content: Content,
): CallRequest {
  const found = functionOf(module, name), { numbers, index } = found;
  // Most calls: nothing is to be found out.
  if (type === undefined && numbers !== undefined && isRowOf(numbers.params, args)) {
    return { numbers: true, shape: numbers, index, row: args };
  }
  const signature = type === undefined ? found.signature : checkedType(name, type, found.type);
  const meant = signature ?? inferredFor(found, args);
  if (meant === undefined || !meant.params.some(isContentKind) && !meant.results.some(isContentKind)) {
    return numberCall(found, name, args);
  }
  const [result] = meant.results;
  return {
    numbers: false,
    index,
    args: encoded(name, { signature: meant, args }, content),
    kinds: meant.params,
    content: result !== undefined && isContentKind(result) ? result : undefined,
    results: meant.results,
  };
}

/** @throws {FunctionNotFoundError} */
export function functionOf(module: AegisModule, name: string): ExportedFunction {
  const found = exportedFunction(module, name);
  if (found !== undefined) return found;
  const names = module.functionNames();
  throw new FunctionNotFoundError(name, suggest(name, names), names);
}

/** @throws {TypeMismatchError} */
function numberCall(
  { type, shape, index }: ExportedFunction,
  name: string,
  args: readonly CallValue[],
): NumberCall {
  const row = args as readonly Value[]; // `as`: what else they are is refused in the next lines
  if (shape === undefined || !isRowOf(shape.params, args)) checkArguments(name, type, row);
  return { numbers: true, shape: shape as BatchShape, index, row }; // other types do not pass the check
}

/** Whether arguments fit; in the form that is read fastest, since it is asked before every call. */
export function isRowOf(params: readonly ValueKind[], row: readonly unknown[]): row is readonly Value[] {
  if (row.length !== params.length) return false;
  for (let index = 0; index < params.length; index++) {
    const value = row[index], kind = params[index];
    const fits = kind === "i64"
      ? typeof value === "bigint" &&
        (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
      : typeof value === "number" && (kind !== "i32" || (value | 0) === value || (value >>> 0) === value);
    if (!fits) return false;
  }
  return true;
}

/** @throws {TypeMismatchError} for a type that the function has not */
function checkedType(name: string, type: Signature, func: FuncType): Signature {
  const what = `Cannot call function ${quote(name)}`;
  const problem = signatureProblem(type);
  if (problem !== undefined) throw new TypeMismatchError(what, "a type of its own", problem);
  const lowered = formatFuncType(loweredType(type)), own = formatFuncType(func);
  if (lowered === own) return type;
  throw new TypeMismatchError(`${what} as ${formatSignature("", type)}`, `${lowered} in the module`, own);
}

/** What was inferred last of a function: it is likely called so again. */
const INFERRED = new WeakMap<
  ExportedFunction,
  { readonly kinds: ArgumentKinds; readonly signature: Signature | undefined }
>();

/** The kind of each argument, undefined for a number. */
type ArgumentKinds = readonly (ContentKind | undefined)[];

/** What arguments say by themselves of a function that nobody has described; undefined for numbers alone. */
function inferredFor(found: ExportedFunction, args: readonly CallValue[]): Signature | undefined {
  const last = INFERRED.get(found);
  if (last !== undefined && last.kinds.length === args.length) {
    // `as`: there are as many.
    if (last.kinds.every((kind, index) => kind === kindOf(args[index] as CallValue))) return last.signature;
  }
  const kinds = args.map(kindOf), signature = inferred(found.type, kinds);
  INFERRED.set(found, { kinds, signature });
  return signature;
}

function inferred(func: FuncType, kinds: ArgumentKinds): Signature | undefined {
  const first = kinds.find((kind) => kind !== undefined);
  if (first === undefined) return undefined;
  const params: Kind[] = [];
  let at = 0;
  for (const kind of kinds) {
    params.push(kind ?? func.params[at] as Kind); // `as`: compared with what it may be below
    at += kind === undefined ? 1 : 2;
  }
  const results = func.results.length === 1 && func.results[0] === "i64" ? [first] : func.results as Kind[];
  const signature = { params, results };
  return formatFuncType(loweredType(signature)) === loweredText(func, results) ? signature : undefined;
}

/** The function's type where its result is taken for what the results say. */
function loweredText(func: FuncType, results: readonly Kind[]): string {
  return formatFuncType({ params: func.params, results: loweredType({ params: [], results }).results });
}

/** The kind of a value that lies in memory; undefined for a number. */
function kindOf(value: CallValue): ContentKind | undefined {
  if (typeof value === "number" || typeof value === "bigint") return undefined;
  return typeof value === "string" ? "string" : value instanceof Uint8Array ? "bytes" : "json";
}

function encoded(
  name: string,
  { signature, args }: { readonly signature: Signature; readonly args: readonly CallValue[] },
  content: Content,
): FrameValue[] {
  const what = () => `Cannot call function ${quote(name)}`, { params } = signature;
  if (args.length !== params.length) {
    throw new TypeMismatchError(
      `${what()} of type ${formatSignature("", signature)}`,
      params.length === 1 ? "1 argument" : `${params.length} arguments`,
      String(args.length),
    );
  }
  return params.map((kind, index) => {
    const value = args[index];
    const refuse = (expected: string, actual: string) =>
      new TypeMismatchError(`${what()}: argument ${index + 1}`, expected, actual);
    if (!isContentKind(kind)) {
      const problem = valueMismatch(kind, value);
      if (problem !== undefined) throw refuse(problem, describeValue(value));
      return value as Value; // checked just now
    }
    try {
      return content.encode(kind, value);
    } catch (error) {
      if (error instanceof ContentError) throw refuse(error.expected, error.actual);
      throw error;
    }
  });
}
