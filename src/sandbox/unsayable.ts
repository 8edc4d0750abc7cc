/**
 * What an encoder would mangle without a word: JSON makes `{}` of a Map, and MessagePack other text of lone
 * surrogates. Asked about what could be encoded, so there is no circle in it.
 */

/** Objects whose content is not in their fields. Views of memory, which are more such, are told by themselves. */
const OPAQUE = [Map, Set, WeakMap, WeakSet, Promise, ArrayBuffer, SharedArrayBuffer] as const;

/** What an object is whose content is not in its fields: `a Map`, `a Float32Array`; undefined for others. */
export function opaqueName(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return undefined; // most, at once
  const name = ArrayBuffer.isView(value)
    ? (value as Uint8Array)[Symbol.toStringTag] as string // `as`: whichever view it is, it has a tag like this one
    : OPAQUE.find((one) => value instanceof one)?.name;
  return name === undefined ? undefined : `${/^[AI]/.test(name) ? "an" : "a"} ${name}`;
}

/** The first thing in a value that JSON says nothing of; what has a `toJSON` speaks for itself. */
export function unsayableInJson(value: unknown): string | undefined {
  return firstInside(value, false);
}

/** The same of MessagePack, which has bytes, but no other views of memory, and text in UTF-8. */
export function unsayableInMessagePack(value: unknown): string | undefined {
  return firstInside(value, true);
}

/** How text is described that UTF-8 cannot say. */
export const LONE_SURROGATES = "text with lone surrogates";

/**
 * Looks at each object, and at each text too: a list and no recursion, however deep it goes. Plain loops, since it
 * comes with every value that is encoded and takes about as long as that.
 */
function firstInside(value: unknown, packed: boolean): string | undefined {
  const left: object[] = [];
  let part: object | undefined, wrong: string | undefined;
  const look = (inner: unknown): void => {
    if (typeof inner === "object" && inner !== null) left.push(inner);
    else if (packed && typeof inner === "string" && !inner.isWellFormed()) wrong = LONE_SURROGATES;
  };
  for (look(value); wrong === undefined && (part = left.pop()) !== undefined;) {
    if (Array.isArray(part)) {
      if (!packed && speaks(part)) continue;
      for (let index = 0; index < part.length; index++) look(part[index]);
      continue;
    }
    const fields = part as Readonly<Record<string, unknown>>; // the list has objects alone
    if (packed ? part instanceof Uint8Array : speaks(fields)) continue;
    wrong = opaqueName(fields);
    if (wrong !== undefined) break;
    for (const key of Object.keys(fields)) {
      if (packed) look(key);
      look(fields[key]);
    }
  }
  return wrong;
}

function speaks(value: object): boolean {
  return typeof (value as { readonly toJSON?: unknown }).toJSON === "function"; // `as`: every object can be asked for it
}
