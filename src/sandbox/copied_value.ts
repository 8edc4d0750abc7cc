/**
 * Arguments as they are at one moment. A call may have to wait, and meanwhile its caller may use a buffer or an object
 * again. Copies say the same as their originals in JSON and in MessagePack, which `structuredClone` does not give: it
 * takes prototypes away and with them `toJSON`, shares shared memory, and refuses objects that have functions.
 */

/** Whether a value can change while somebody keeps it. */
export function canChange(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A copy of a value and of all that is in it, however deep. @throws what its getters throw */
export function copyValue(value: object): object {
  return value instanceof Uint8Array ? copyView(value) : new Copying().copy(value);
}

class Copying {
  /** What occurs twice is copied once, and a circle stays one, for the encoder to refuse. */
  readonly #copies: Map<object, object> = new Map();
  /** Copies that are empty yet, each behind its original: a list and no recursion, which JSON does not need either. */
  readonly #empty: object[] = [];

  copy(value: object): object {
    const copy = this.#begin(value);
    for (let to = this.#empty.pop(); to !== undefined; to = this.#empty.pop()) {
      const from = this.#empty.pop();
      if (from !== undefined) this.#fill(to, from);
    }
    return copy;
  }

  /** The copy of an object, which is filled later. */
  #begin(value: object): object {
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const { toJSON } = value as { readonly toJSON?: unknown }; // `as`: every object can be asked for it
    const speaks = typeof toJSON === "function";
    const whole = ArrayBuffer.isView(value)
      ? copyView(value)
      : value instanceof Date
      ? new Date(value)
      : !speaks && isUnchanging(value)
      ? value
      : undefined;
    const copy = whole ?? this.#beginFields(value);
    this.#copies.set(value, copy);
    if (speaks && whole === undefined) {
      const enumerable = Object.prototype.propertyIsEnumerable.call(value, "toJSON");
      const said = this.#saidAsJson(() => toJSON.call(value, ""));
      Object.defineProperty(copy, "toJSON", { value: said, enumerable });
    }
    return copy;
  }

  #beginFields(value: object): object {
    const prototype: object | null = Object.getPrototypeOf(value);
    const copy = Array.isArray(value) ? [] : prototype === Object.prototype ? {} : Object.create(prototype);
    this.#empty.push(value, copy);
    return copy;
  }

  /** What the encoders read of an object: elements of an array, else its own fields that can be listed. */
  #fill(to: object, from: object): void {
    if (Array.isArray(to) && Array.isArray(from)) {
      for (let index = 0; index < from.length; index++) to.push(this.#part(from[index]));
      return;
    }
    const fields = to as Record<string, unknown>, read = from as Readonly<Record<string, unknown>>; // any object is one
    for (const key of Object.keys(from)) {
      const value = this.#part(read[key]);
      if (!(key in fields)) fields[key] = value;
      else if (key !== "toJSON" || !Object.hasOwn(fields, key)) {
        Object.defineProperty(fields, key, { value, enumerable: true }); // `__proto__`, or what its class has a setter for
      }
    }
  }

  #part(value: unknown): unknown {
    return canChange(value) ? this.#begin(value) : value;
  }

  /** Has the object say now what it says as JSON: it may read what is not among its fields. */
  #saidAsJson(say: () => unknown): () => unknown {
    try {
      const said = say();
      // What is said there is not asked for its own `toJSON`.
      const copy = canChange(said) && !isUnchanging(said) ? this.#beginFields(said) : said;
      return () => copy;
    } catch (error) {
      return () => {
        throw error; // where JSON is wanted: MessagePack does not ask
      };
    }
  }
}

/** Bytes of one's own, also of a view of shared memory. A subclass stays one: a Buffer has a JSON of its own. */
function copyView(value: ArrayBufferView): ArrayBufferView {
  const bytes = new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  const prototype: object = Object.getPrototypeOf(value);
  if (prototype === Uint8Array.prototype) return bytes;
  if (value instanceof DataView) return new DataView(bytes.buffer);
  if (value instanceof Uint8Array) return Object.setPrototypeOf(bytes, prototype);
  return (value as Float64Array).slice(); // `as`: whichever array of numbers it is
}

/** Numbers, texts and truth values as objects, and what is frozen and has nothing else, such as raw JSON. */
function isUnchanging(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean ||
    Object.isFrozen(value) && !Object.values(value).some(canChange);
}
