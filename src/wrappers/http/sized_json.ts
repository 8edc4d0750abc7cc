/** JSON of a guest's value, whose size is known before the text is made. */

/** Why there is no text. */
export class JsonRefusal extends Error {
  override readonly name = "JsonRefusal";
}

/**
 * A value as JSON. Of bytes, which MessagePack can say, JSON would make a record twelve times their size.
 *
 * @param most bytes
 * @throws {JsonRefusal} for more than that, and for what JSON cannot say
 */
export function sizedJson(value: unknown, most: number): string {
  room(value, most);
  return JSON.stringify(value);
}

/** @returns what is left of so many bytes behind the value */
function room(value: unknown, left: number): number {
  switch (typeof value) {
    case "string":
      return taken(left - textLength(value, left));
    case "number":
      return taken(left - (Number.isFinite(value) ? String(value).length : 4));
    case "boolean":
      return taken(left - String(value).length);
    case "object":
      if (value === null) return taken(left - 4);
      if (Array.isArray(value)) {
        let rest = taken(left - 2 - Math.max(0, value.length - 1));
        for (const one of value as unknown[]) rest = room(one, rest); // of what a guest said
        return rest;
      }
      if (Object.getPrototypeOf(value) === Object.prototype) return roomOfRecord(value, left);
  }
  throw new JsonRefusal(`"json" holds ${nameOf(value)}, which JSON cannot say`);
}

function roomOfRecord(value: object, left: number): number {
  let rest = taken(left - 2);
  for (const [key, one] of Object.entries(value) as [string, unknown][]) { // of what a guest said
    rest = room(one, taken(room(key, rest) - 1));
  }
  return taken(rest - Math.max(0, Object.keys(value).length - 1));
}

/** Characters of a text as JSON; each is a byte or more. Not made of one that is too long without its escapes. */
function textLength(text: string, left: number): number {
  return text.length + 2 > left ? text.length + 2 : JSON.stringify(text).length;
}

function taken(left: number): number {
  if (left < 0) throw new JsonRefusal('"json" is larger than an answer may be');
  return left;
}

function nameOf(value: unknown): string {
  if (value instanceof Uint8Array) return "bytes";
  return typeof value === "bigint" ? "an integer of 64 bits" : "an extension";
}
