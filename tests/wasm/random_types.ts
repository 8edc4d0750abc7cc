/**
 * Modules of random recursive types and one function that gives its parameter back as another type: valid only where
 * the one is equal to the other or below it.
 */
import { type Bytes, join, leb, rawModule, SECTION, section, sleb, vec } from "./module_builder.ts";
import { Random } from "./random.ts";

const REF = 0x64, REF_NULL = 0x63, FUNC = 0x60, STRUCT = 0x5f, ARRAY = 0x5e;
const REC = 0x4e, SUB = 0x50, SUB_FINAL = 0x4f, LOCAL_GET = 0x20, END = 0x0b;

const LEAVES: readonly Bytes[] = [[0x7f], [0x6e], [0x6d], [REF, 0x6b], [0x71]];

/** A group of types: `base` types are known to all copies of it, its own stand from `start` on. */
interface Group {
  readonly base: number;
  readonly start: number;
  readonly size: number;
}

function reference(random: Random, group: Group): number {
  return group.base > 0 && random.below(2) === 0
    ? random.below(group.base)
    : group.start + random.below(group.size);
}

function valueType(random: Random, group: Group): Bytes {
  if (random.below(2) === 0) return random.pick(LEAVES);
  return [random.below(3) === 0 ? REF : REF_NULL, ...sleb(reference(random, group))];
}

function upToTwo(random: Random, make: () => Bytes): Bytes {
  return vec(Array.from({ length: random.below(3) }, make));
}

function composite(random: Random, group: Group): Bytes {
  const field = () => [...valueType(random, group), random.below(3) === 0 ? 1 : 0];
  switch (random.below(4)) {
    case 0:
      return [FUNC, ...upToTwo(random, () => valueType(random, group)), 0];
    case 1:
      return [ARRAY, ...field()];
    default:
      return [STRUCT, ...upToTwo(random, field)];
  }
}

function subtype(random: Random, group: Group): Bytes {
  const form = composite(random, group);
  if (random.below(4) === 0) return form;
  const supertypes = group.base > 0 && random.below(2) === 0 ? [leb(random.below(group.base))] : [];
  return [random.below(8) === 0 ? SUB_FINAL : SUB, ...vec(supertypes), ...form];
}

function encode(random: Random, group: Group): Bytes {
  return join([[REC], leb(group.size), ...Array.from({ length: group.size }, () => subtype(random, group))]);
}

/** Some groups stand there twice: the same but for their place, hence equal. */
function groups(random: Random): { items: Bytes[]; count: number } {
  const items: Bytes[] = [];
  let count = 0;
  while (items.length < 4) {
    const base = count;
    const size = 1 + random.below(2);
    const seed = random.below(2 ** 31);
    for (let copies = 1 + random.below(2); copies > 0; copies--) {
      items.push(encode(new Random(seed), { base, start: count, size }));
      count += size;
    }
  }
  return { items, count };
}

/** A module of random types. */
export function randomTypes(random: Random): Uint8Array<ArrayBuffer> {
  const { items, count } = groups(random);
  const type = () => [REF_NULL, ...sleb(random.below(count))];
  const conversion = [FUNC, 1, ...type(), 1, ...type()];
  return rawModule(
    section(SECTION.type, vec([...items, conversion])),
    section(SECTION.function, vec([leb(count)])),
    section(SECTION.code, vec([[4, 0, LOCAL_GET, 0, END]])),
  );
}
