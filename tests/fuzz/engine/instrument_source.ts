/**
 * Puts counters into the text of a module: one for each function, branch, case and right side of `&&`, `||` and `??`.
 * Also collects its literals: what a parser compares its input with stands in its text.
 */
import { parse } from "../../acorn.ts";
import { COUNTERS_NAME } from "./counters.ts";

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A module with counters. */
export interface Instrumented {
  readonly text: string;
  readonly branches: number;
  /** Texts that stand in it, and numbers that tell more than 0 or 1. */
  readonly literals: ReadonlySet<string | number>;
}

/** Literals of more units are messages. */
const LONGEST_LITERAL = 40;

/** The fields of a node that are statements or expressions which may or may not be executed. */
const BRANCHES: Readonly<Record<string, readonly string[]>> = {
  IfStatement: ["consequent", "alternate"],
  ConditionalExpression: ["consequent", "alternate"],
  LogicalExpression: ["right"],
  ForStatement: ["body"],
  ForInStatement: ["body"],
  ForOfStatement: ["body"],
  WhileStatement: ["body"],
  DoWhileStatement: ["body"],
  FunctionDeclaration: ["body"],
  FunctionExpression: ["body"],
  ArrowFunctionExpression: ["body"],
  CatchClause: ["body"],
};

/** Names of modules are no literals. */
const MODULES = /^(?:Import|Export)\w*Declaration$/;

/** @param reserve gives the first of so many places */
export function instrumentSource(text: string, reserve: (branches: number) => number): Instrumented {
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module" }) as unknown as Node; // its own nodes are as loose
  const places: (readonly [at: number, before: string, after: string])[] = [];
  const literals = new Set<string | number>();
  let branches = 0;
  const counter = () => `${COUNTERS_NAME}[${"\0"}${branches++}]++`;

  const mark = (node: Node) => {
    if (node.type === "BlockStatement") places.push([node.start + 1, `${counter()};`, ""]);
    else if (node.type.endsWith("Statement")) {
      places.push([node.start, `{${counter()};`, ""], [node.end, "", "}"]);
    } else places.push([node.start, `(${counter()},`, ""], [node.end, "", ")"]);
  };

  const visit = (node: Node) => {
    for (const field of BRANCHES[node.type] ?? []) {
      const branch = node[field];
      if (isNode(branch)) mark(branch);
    }
    if (node.type === "SwitchCase") {
      const [first] = node["consequent"] as Node[]; // the syntax of a case
      if (first !== undefined) places.push([first.start, `${counter()};`, ""]);
    }
    if (node.type === "Literal" || node.type === "TemplateElement") note(node, literals);
    const fields = MODULES.test(node.type) ? [node["declaration"]] : Object.values(node);
    for (const field of fields) {
      if (Array.isArray(field)) { for (const item of field) if (isNode(item)) visit(item); }
      else if (isNode(field)) visit(field);
    }
  };
  visit(tree);

  const first = reserve(branches);
  const edits = places.map(([at, before, after], order) => ({ at, before, after, order }));
  // What ends at a place comes before what begins there; of those that end there the inner comes first.
  edits.sort((one, other) =>
    one.at - other.at || Number(other.after !== "") - Number(one.after !== "") ||
    (one.after !== "" ? other.order - one.order : one.order - other.order)
  );
  let out = "", from = 0;
  for (const { at, before, after } of edits) {
    out += text.slice(from, at) + after +
      before.replace(/\0(\d+)/, (_, place) => String(first + Number(place)));
    from = at;
  }
  return { text: out + text.slice(from), branches, literals };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function note(node: Node, literals: Set<string | number>): void {
  const value = node.type === "Literal" ? node["value"] : (node["value"] as { cooked?: unknown })["cooked"];
  if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) > 1) literals.add(value);
  if (typeof value === "string" && value.length > 1 && value.length <= LONGEST_LITERAL) literals.add(value);
}
