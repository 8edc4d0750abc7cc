/** Arguments and expected results of a script: s-expressions to values, and whether a result is what is expected. */
import type { Argument, NumericType, Observed, ReferenceKind } from "./guest/program.ts";
import { canonicalNaN, floatBits, type FloatKind, integerBits, isNaNOf } from "./number_literal.ts";
import type { List, Node } from "./s_expression.ts";

/** A NaN whose bits the specification leaves open. */
interface AnyNaN {
  readonly type: FloatKind;
  readonly nan: "canonical" | "arithmetic";
}

type ScalarType = Exclude<NumericType, "v128">;

/** One lane, or a number that is no vector. */
type Scalar = { readonly type: ScalarType; readonly bits: bigint } | AnyNaN;

export type Pattern =
  | Scalar
  | { readonly type: "v128"; readonly width: number; readonly lanes: readonly Scalar[] }
  | { readonly type: "ref"; readonly is: readonly ReferenceKind[]; readonly host?: number }
  | { readonly type: "either"; readonly of: readonly Pattern[] };

/** Bits of a value. */
const WIDTHS = { i32: 32, i64: 64, f32: 32, f64: 64, v128: 128 } as const satisfies Record<
  NumericType,
  number
>;

/** Lanes by shape. The lanes of small integers have no value type: their bits are compared under that of `i32`. */
const SHAPES: ReadonlyMap<string, { count: number; type: ScalarType; width: number }> = new Map([
  ["i8x16", { count: 16, type: "i32", width: 8 }],
  ["i16x8", { count: 8, type: "i32", width: 16 }],
  ["i32x4", { count: 4, type: "i32", width: 32 }],
  ["i64x2", { count: 2, type: "i64", width: 64 }],
  ["f32x4", { count: 4, type: "f32", width: 32 }],
  ["f64x2", { count: 2, type: "f64", width: 64 }],
]);

/** References that a pattern without a value accepts, by its keyword. */
const REFERENCES: Readonly<Record<string, readonly ReferenceKind[]>> = {
  "ref.null": ["null"],
  "ref.func": ["func"],
  "ref.extern": ["extern"],
  "ref.host": ["host"],
  "ref.exn": ["exn"],
  "ref.i31": ["i31"],
  "ref.struct": ["struct"],
  "ref.array": ["array"],
  "ref.eq": ["i31", "struct", "array"],
  "ref.any": ["i31", "struct", "array", "host"],
};

function fail(node: Node): never {
  throw new SyntaxError(`${JSON.stringify(node)} is no value`);
}

function word(node: Node | undefined): string {
  return node?.kind === "atom" ? node.text : "";
}

function opened(node: Node): { keyword: string; rest: readonly Node[] } {
  const items = node.kind === "list" ? node.items : (fail(node));
  return { keyword: word(items[0]), rest: items.slice(1) };
}

function isFloat(type: ScalarType): type is FloatKind {
  return type === "f32" || type === "f64";
}

function scalar(type: ScalarType, text: string, width: number): Scalar {
  if (!isFloat(type)) return { type, bits: integerBits(text, width) };
  const nan = /^nan:(canonical|arithmetic)$/.exec(text)?.[1];
  if (nan === "canonical" || nan === "arithmetic") return { type, nan };
  return { type, bits: floatBits(text, type) };
}

function vector(node: Node, rest: readonly Node[]): Pattern {
  const shape = SHAPES.get(word(rest[0]));
  if (shape === undefined || rest.length !== shape.count + 1) fail(node);
  const { type, width } = shape;
  return { type: "v128", width, lanes: rest.slice(1).map((lane) => scalar(type, word(lane), width)) };
}

/** Reads an expected result. @throws {SyntaxError} */
export function readPattern(node: Node): Pattern {
  const { keyword, rest } = opened(node);
  if (keyword === "either") return { type: "either", of: rest.map(readPattern) };
  if (keyword === "v128.const") return vector(node, rest);
  const type = /^([if](?:32|64))\.const$/.exec(keyword)?.[1] as ScalarType | undefined; // `as`: the four names
  if (type !== undefined) return scalar(type, word(rest[0]), WIDTHS[type]);
  const is = REFERENCES[keyword] ?? fail(node), number = word(rest[0]);
  // What `ref.null` and `ref.func` are followed by is a type or an index, which a result does not show.
  return keyword === "ref.null" || keyword === "ref.func" || number === ""
    ? { type: "ref", is }
    : { type: "ref", is, host: Number(number) };
}

/** Reads an argument. @throws {SyntaxError} for what only a result can be */
export function readArgument(node: Node): Argument {
  const pattern = readPattern(node);
  switch (pattern.type) {
    case "either":
      return fail(node);
    case "ref":
      if (pattern.is[0] === "null") return { type: "null" };
      return pattern.host === undefined ? fail(node) : { type: "host", host: pattern.host };
    case "v128": {
      let bits = 0n;
      for (const [index, lane] of pattern.lanes.entries()) {
        bits |= ("bits" in lane ? lane.bits : fail(node)) << BigInt(index * pattern.width);
      }
      return { type: "v128", bits };
    }
    default:
      return "bits" in pattern ? pattern : fail(node);
  }
}

/** What a run promises of NaNs. */
export interface NaNRule {
  /** Where the specification leaves a NaN's bits open, they are those of the positive canonical one. */
  readonly canonicalNaN: boolean;
}

function scalarMatches(pattern: Scalar, bits: bigint, rule: NaNRule): boolean {
  if ("bits" in pattern) return pattern.bits === bits;
  if (rule.canonicalNaN) return bits === canonicalNaN(pattern.type);
  return isNaNOf(pattern.type, pattern.nan, bits);
}

/** Whether a pattern leaves the bits of a NaN open. */
export function leavesNaN(pattern: Pattern): boolean {
  if (pattern.type === "either") return pattern.of.some(leavesNaN);
  return pattern.type === "v128" ? pattern.lanes.some((lane) => "nan" in lane) : "nan" in pattern;
}

/** Whether a result is what is expected. */
export function matches(pattern: Pattern, value: Observed, rule: NaNRule): boolean {
  switch (pattern.type) {
    case "either":
      return pattern.of.some((each) => matches(each, value, rule));
    case "ref":
      return value.type === "ref" && pattern.is.includes(value.is) &&
        (pattern.host === undefined || pattern.host === value.host);
    case "v128": {
      if (value.type !== "v128") return false;
      const { width, lanes } = pattern;
      return lanes.every((lane, index) =>
        scalarMatches(lane, BigInt.asUintN(width, value.bits >> BigInt(index * width)), rule)
      );
    }
    default:
      return value.type === pattern.type && scalarMatches(pattern, value.bits, rule);
  }
}

/** Prints a result as the text format would, numbers by their bits. */
export function formatObserved(value: Observed): string {
  if (value.type === "ref") return `(ref.${value.is}${value.host === undefined ? "" : ` ${value.host}`})`;
  return `(${value.type} 0x${value.bits.toString(16).padStart(WIDTHS[value.type] / 4, "0")})`;
}

/** Prints an s-expression of a script. */
export function formatNode(node: Node): string {
  if (node.kind === "atom") return node.text;
  if (node.kind === "string") return JSON.stringify(new TextDecoder().decode(node.bytes));
  return `(${(node satisfies List).items.map(formatNode).join(" ")})`;
}
