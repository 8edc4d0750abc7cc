/**
 * Changes whole instructions of one function and writes its size and that of the section anew, so that what is wrong
 * with a mutant is wrong in its types rather than in its structure: what a change of bytes finds seldom.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { InstructionReader } from "../../../src/wasm/instructions.ts";
import type { FunctionBody, Module } from "../../../src/wasm/module.ts";
import { OPCODES, ROWS } from "../../../src/wasm/opcodes.ts";
import type { OpcodeRow } from "../../../src/wasm/opcode.ts";
import { sampleOf } from "../instruction_samples.ts";
import { type Bytes, leb, SECTION } from "../module_builder.ts";
import type { Random } from "../random.ts";

/** An instruction of a function, as a range of the module's bytes. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly row: OpcodeRow | undefined;
}

/** A function whose instructions are known, and the one that was picked. */
interface Function {
  readonly bytes: Uint8Array;
  readonly places: readonly Place[];
  readonly random: Random;
  readonly at: number;
}

/** Bytes that stand in the place of a range. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: ArrayLike<number>;
}

/** Immediates below this are indices that most modules have. */
const SMALL_INDEX = 4;

/** At most so many instructions are taken out or put in at a time. */
const LONGEST_RUN = 4;

function codeOf({ prefix, sub }: OpcodeRow): Bytes {
  return prefix >= 0xfb ? [prefix, ...leb(sub)] : [prefix];
}

/** Opcodes by the kinds of their immediates: one can stand for the other. */
const ALIKE: ReadonlyMap<string, readonly OpcodeRow[]> = Map.groupBy(
  OPCODES,
  (row) => row.immediates.join(),
);

/** Some instructions in a row, from the picked one on. */
function run({ places, random, at }: Function): Place | undefined {
  const first = places[at], last = places[Math.min(places.length - 1, at + random.below(LONGEST_RUN))];
  return first && last && { ...first, end: last.end };
}

/** The changes; each gives nothing where it does not fit. */
const CHANGES: readonly ((code: Function) => Edit | undefined)[] = [
  // instructions less
  (code) => {
    const found = run(code);
    return found && { ...found, bytes: [] };
  },
  // instructions twice, the second time elsewhere
  (code) => {
    const found = run(code), target = code.random.pick(code.places);
    return found &&
      { start: target.start, end: target.start, bytes: code.bytes.subarray(found.start, found.end) };
  },
  // two instructions in another order
  ({ bytes, places, at }) => {
    const first = places[at], second = places[at + 1];
    if (first === undefined || second === undefined) return undefined;
    const swapped = [
      ...bytes.subarray(second.start, second.end),
      ...bytes.subarray(first.start, first.end),
    ];
    return { start: first.start, end: second.end, bytes: swapped };
  },
  // another operation with immediates of the same kinds
  ({ bytes, places, at, random }) => {
    const place = places[at];
    if (place?.row === undefined) return undefined;
    const other = random.pick(ALIKE.get(place.row.immediates.join()) ?? [place.row]);
    const immediates = bytes.subarray(place.start + codeOf(place.row).length, place.end);
    return { ...place, bytes: [...codeOf(other), ...immediates] };
  },
  // an immediate that means something else
  ({ bytes, places, at, random }) => {
    const place = places[at];
    if (place?.row === undefined) return undefined;
    const first = place.start + codeOf(place.row).length;
    if (first >= place.end) return undefined;
    const changed = Uint8Array.from(bytes.subarray(place.start, place.end));
    changed[first - place.start + random.below(place.end - first)] = random.below(2) === 0
      ? random.below(SMALL_INDEX)
      : 0x60 + random.below(0x20);
    return { ...place, bytes: changed };
  },
  // an instruction that was never there, before or instead of one
  ({ places, at, random }) => {
    const place = places[at], row = random.pick(OPCODES);
    if (place === undefined) return undefined;
    const small = row.immediates.length > 0 && row.immediates.every((kind) => INDICES.has(kind));
    const bytes = small
      ? [...codeOf(row), ...row.immediates.map(() => random.below(SMALL_INDEX))]
      : sampleOf(row);
    return { start: place.start, end: random.below(2) === 0 ? place.start : place.end, bytes };
  },
];

/** Immediates that are one index. */
const INDICES: ReadonlySet<string> = new Set<OpcodeRow["immediates"][number]>([
  "label",
  "function",
  "type",
  "table",
  "memory",
  "local",
  "global",
  "tag",
  "data",
  "element",
  "field",
  "heaptype",
]);

/** The instructions of a function, as far as our reader takes them. */
function placesOf(bytes: Uint8Array, body: FunctionBody): Place[] {
  const places: Place[] = [], reader = new InstructionReader(bytes);
  reader.reset(body.code, body.end);
  try {
    while (reader.next()) places.push({ start: reader.offset, end: reader.end, row: ROWS[reader.key] });
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
  }
  return places;
}

/** Position past the LEB128 number at a position. */
function pastNumber(bytes: Uint8Array, position: number): number {
  while ((bytes[position] ?? 0) > 0x7f) position++;
  return position + 1;
}

/**
 * A copy of a module that was read, with one change in the code of one function; undefined where it has no code or the
 * change does not fit.
 */
export function changeInstructions(module: Module, random: Random): Uint8Array<ArrayBuffer> | undefined {
  const { bytes, bodies, sections } = module;
  const section = sections.find(({ id }) => id === SECTION.code);
  if (section === undefined || bodies.length === 0) return undefined;
  const index = random.below(bodies.length), body = bodies[index];
  if (body === undefined) return undefined;
  const places = placesOf(bytes, body);
  if (places.length === 0) return undefined;
  const edit = random.pick(CHANGES)({ bytes, places, random, at: random.below(places.length) });
  if (edit === undefined) return undefined;
  const growth = edit.bytes.length - (edit.end - edit.start);
  const sizeAt = bodies[index - 1]?.end ?? pastNumber(bytes, section.start);
  const bodySize = leb(body.end - body.start + growth);
  const payload = section.end - section.start + growth + bodySize.length - (body.start - sizeAt);
  return concatenate([
    bytes.subarray(0, section.offset + 1),
    leb(payload),
    bytes.subarray(section.start, sizeAt),
    bodySize,
    bytes.subarray(body.start, edit.start),
    edit.bytes,
    bytes.subarray(edit.end),
  ]);
}

function concatenate(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
