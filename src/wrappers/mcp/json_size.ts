/**
 * How many bytes a value has as JSON in UTF-8: what a client gets, which can be six times what a guest has written. It is
 * counted, not made, and no further than to the limit: the text of what is too large never exists.
 */

/**
 * Counts the bytes. Whole numbers of any size and bytes, for which JSON has nothing, count as the text they become.
 *
 * @param value of bounded depth
 * @param most counting ends soon after it
 */
export function jsonSize(value: unknown, most = Infinity): number {
  switch (typeof value) {
    case "string":
      return textSize(value, most);
    case "number":
      return Number.isFinite(value) ? String(value).length : 4;
    case "boolean":
      return value ? 4 : 5;
    case "bigint":
      return String(value).length + 2;
    case "object":
      return value === null ? 4 : collectionSize(value, most);
    default:
      return 4; // what JSON cannot say, in a list
  }
}

function collectionSize(value: object, most: number): number {
  if (value instanceof Uint8Array) return Math.ceil(value.length / 3) * 4 + 2;
  let size = 2, count = 0;
  const add = (item: unknown, before: number) => {
    size += before + (count++ > 0 ? 1 : 0);
    size += jsonSize(item, most - size);
  };
  if (Array.isArray(value)) {
    for (const item of value) {
      add(item, 0);
      if (size > most) break;
    }
    return size;
  }
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    add(item, textSize(name, most) + 1);
    if (size > most) break;
  }
  return size;
}

/** Characters that JSON escapes with two. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13, 34, 92]);

/** A plain loop: it goes over megabytes. */
function textSize(text: string, most: number): number {
  let size = 2;
  if (size + text.length > most) return size + text.length; // no unit has less than a byte
  for (let at = 0; at < text.length && size <= most; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      size += unit >= 0x20 && unit !== 34 && unit !== 92 ? 1 : SHORT_ESCAPES.has(unit) ? 2 : 6;
    } else if (unit < 0x800) {
      size += 2;
    } else if ((unit & 0xf800) !== 0xd800) {
      size += 3;
    } else if (unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      size += 4;
      at++;
    } else {
      size += 6; // half a pair is escaped
    }
  }
  return size;
}
