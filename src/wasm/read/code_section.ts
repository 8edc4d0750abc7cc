import { Cursor } from "../cursor.ts";
import { checkLimit } from "../implementation_limits.ts";
import type { FunctionBody, LocalGroup } from "../module.ts";
import { mismatch } from "../read_errors.ts";
import type { Draft } from "./draft.ts";
import { ANY_TYPE_INDEX, readValueType } from "./value_types.ts";

const SECTION = 'section "code"';
const BODY = "function body";
const LOCALS = "locals of a function";

/** Reads the bodies of functions as far as their local declarations; instructions are the validator's. */
export function readCodeSection(cursor: Cursor, draft: Draft): void {
  const offset = cursor.position;
  const count = cursor.u32(SECTION);
  const declared = draft.functions.length - draft.imported.function;
  if (count !== declared) {
    throw mismatch(SECTION, `${count} bodies stand against ${declared} declared functions`, offset);
  }
  const sectionEnd = cursor.limit;
  for (let item = 0; item < count; item++) {
    const sizeOffset = cursor.position;
    const size = cursor.u32(BODY);
    checkLimit(draft.limits, "bodyBytes", size, { what: BODY, noun: "size", offset: sizeOffset });
    const start = cursor.skip(size, BODY);
    cursor.position = start;
    cursor.limit = start + size;
    draft.bodies.push(readBody(cursor, draft));
    cursor.position = cursor.limit;
    cursor.limit = sectionEnd;
  }
}

function readBody(cursor: Cursor, draft: Draft): FunctionBody {
  const start = cursor.position;
  const typeIndex = draft.functions[draft.imported.function + draft.bodies.length] ?? 0;
  const { params } = draft.functionType(typeIndex, BODY, start);
  const groups = cursor.u32(LOCALS);
  let localCount = 0;
  for (let group = 0; group < groups; group++) {
    const offset = cursor.position;
    localCount += cursor.u32(LOCALS);
    const total = params.length + localCount;
    checkLimit(draft.limits, "locals", total, { what: LOCALS, noun: "count", offset });
    readValueType(cursor, draft.types.length);
  }
  return new Body(draft.bytes, { start, code: cursor.position, end: cursor.limit, localCount });
}

/**
 * A body that decodes its groups of locals when asked: two bytes of a hostile body make a group, and as objects of all
 * bodies together they would take twenty times the module.
 */
class Body implements FunctionBody {
  readonly start: number;
  readonly code: number;
  readonly end: number;
  readonly localCount: number;

  constructor(private readonly bytes: Uint8Array, range: Omit<FunctionBody, "locals">) {
    this.start = range.start;
    this.code = range.code;
    this.end = range.end;
    this.localCount = range.localCount;
  }

  get locals(): readonly LocalGroup[] {
    const cursor = new Cursor(this.bytes, this.start, this.code);
    const groups: LocalGroup[] = [];
    for (let left = cursor.u32(LOCALS); left > 0; left--) {
      groups.push({ count: cursor.u32(LOCALS), type: readValueType(cursor, ANY_TYPE_INDEX) });
    }
    return groups;
  }
}
