import type { SectionPart } from "./section_map.ts";

/** A part of the picture: a section, or several that are drawn as one. */
export interface PicturePart extends SectionPart {
  /** How many sections it stands for. */
  readonly count: number;
}

/** Parts that a picture has at most, so that each stays wide enough to be clicked. */
export const MOST_PARTS = 32;

/**
 * The parts of the picture of a module, in its order. Where there are too many, the largest stay, and what lies between two
 * of them is drawn as one.
 */
export function pictureParts(sections: readonly SectionPart[]): PicturePart[] {
  // Between so many that stay there is room for as many, and one, that stand for others.
  const most = Math.floor((MOST_PARTS - 1) / 2);
  const stay = sections.length <= MOST_PARTS
    ? new Set(sections)
    : new Set([...sections].sort((a, b) => b.size - a.size).slice(0, most));
  const parts: PicturePart[] = [];
  let isOpen = false;
  for (const section of sections) {
    const last = parts.at(-1);
    if (stay.has(section)) parts.push({ ...section, count: 1 });
    else if (!isOpen || last === undefined) parts.push({ ...section, count: 1 });
    else {
      const count = last.count + 1;
      parts[parts.length - 1] = {
        ...last,
        name: `${count} sections`,
        kind: "custom",
        count,
        size: section.offset + section.size - last.offset,
      };
    }
    isOpen = !stay.has(section);
  }
  return parts;
}
