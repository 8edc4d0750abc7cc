/**
 * The form of a guest's state, field by field. A state comes out of a file, or from a thread that is not believed, and
 * goes where numbers are counted with: a meter that is no number, or below zero, would be a limit that does not hold. So
 * the host looks at all of it before it reads any of it. Whether its parts belong together the guest sees when it puts
 * them in place.
 */

/** The version of the form below; a guest goes on from no other. */
export const STATE_FORMAT = 1;

/** Says what is wrong with a value, after its name; undefined where nothing is. */
type Form = (value: unknown, name: string) => string | undefined;

const form = (what: string, is: (value: unknown) => boolean): Form => (value, name) =>
  is(value) ? undefined : `${name} is no ${what}`;

const whole = form("whole number", (value) => Number.isSafeInteger(value) && Number(value) >= 0);
const integer = form("integer", Number.isSafeInteger);
const time = form("time", (value) => typeof value === "number" && value >= 0 && value < Infinity);
const units = form("amount", (value) => typeof value === "bigint" && value >= 0n);
const text = form("text", (value) => typeof value === "string");
const bytes = form("bytes", (value) => value instanceof Uint8Array);
const words = form("words", (value) => value instanceof Int32Array);

const optional = (inner: Form): Form => (value, name) => value === undefined ? undefined : inner(value, name);

const list = (inner: Form): Form => (value, name) => {
  if (!Array.isArray(value)) return `${name} is no list`;
  for (const [index, item] of value.entries()) {
    const problem = inner(item, `${name}[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** A record of these fields and no others. */
const record = (fields: Readonly<Record<string, Form>>): Form => (value, name) => {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return `${name} is no record`;
  }
  const found = value as Readonly<Record<string, unknown>>; // read by name alone
  if (Object.keys(found).some((field) => !Object.hasOwn(fields, field))) return `${name} has a field more`;
  for (const [field, inner] of Object.entries(fields)) {
    const problem = inner(found[field], `${name}.${field}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const STORE = record({
  instances: list(record({
    globals: bytes,
    memories: list(record({ size: whole, blocks: words, bytes })),
    droppedElements: bytes,
    droppedData: bytes,
  })),
  tables: list(record({ elements: words })),
  exceptions: list(record({ number: whole, instance: integer, tag: integer, payload: bytes })),
  stack: optional(record({ frames: words, crossings: bytes, bytes })),
});

const PROCESS = record({
  descriptors: list(record({
    fd: whole,
    kind: text,
    rights: whole,
    inheriting: whole,
    flags: whole,
    stream: optional(whole),
    mount: optional(bytes),
    path: optional(text),
    position: optional(whole),
  })),
  clocks: record({ elapsed: time, fake: units, last: units }),
  random: optional(record({ words, word: integer, left: integer })),
  sensors: optional(list(record({ id: integer, readings: whole }))),
});

const STATE = record({
  format: integer,
  store: STORE,
  consumed: units,
  consumedBefore: units,
  callFuel: optional(units),
  hostCalls: whole,
  refusals: whole,
  stack: record({
    last: integer,
    extensions: list(record({ instance: integer, before: integer, used: list(list(integer)) })),
  }),
  wasi: PROCESS,
  call: optional(record({
    instance: whole,
    exported: whole,
    content: optional(text),
    rooms: list(record({ address: whole, size: whole })),
  })),
});

/** Why a value is no state of a guest; undefined when it has the form of one. */
export function stateProblem(value: unknown): string | undefined {
  const format = typeof value === "object" && value !== null && "format" in value ? value.format : undefined;
  if (typeof format === "number" && format !== STATE_FORMAT) {
    return `its format is ${format}, not ${STATE_FORMAT}`;
  }
  return STATE(value, "state");
}
