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
  return firstInside(value, (part) => {
    // `as`: every object can be asked for it
    if (typeof (part as { readonly toJSON?: unknown }).toJSON === "function") return SAID;
    return opaqueName(part);
  });
}

/** The same of MessagePack, which has bytes, but no other views of memory, and text in UTF-8. */
export function unsayableInMessagePack(value: unknown): string | undefined {
  const ofText = (text: string) => text.isWellFormed() ? undefined : LONE_SURROGATES;
  if (typeof value === "string") return ofText(value);
  return firstInside(value, (part) => part instanceof Uint8Array ? SAID : opaqueName(part), ofText);
}

/** How text is described that UTF-8 cannot say. */
export const LONE_SURROGATES = "text with lone surrogates";

/** An object that is in order, whatever is in it. */
const SAID = Symbol("said");

/** Looks at each object, and at each text if that is wanted: a list and no recursion, however deep it goes. */
function firstInside(
  value: unknown,
  ofObject: (part: object) => string | undefined | typeof SAID,
  ofText?: (text: string) => string | undefined,
): string | undefined {
  const left: object[] = [];
  const look = (part: unknown): string | undefined => {
    if (typeof part === "object" && part !== null) left.push(part);
    return typeof part === "string" ? ofText?.(part) : undefined;
  };
  look(value);
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    const found = ofObject(part);
    if (found === SAID) continue;
    if (found !== undefined) return found;
    const fields: Readonly<Record<string, unknown>> = part as Readonly<Record<string, unknown>>; // any object is one
    const inside = Array.isArray(part) ? part : Object.keys(fields).map((key) => fields[key]);
    for (const one of inside) {
      const wrong = look(one);
      if (wrong !== undefined) return wrong;
    }
    if (ofText === undefined || Array.isArray(part)) continue;
    const key = Object.keys(part).find((name) => !name.isWellFormed());
    if (key !== undefined) return LONE_SURROGATES;
  }
  return undefined;
}
