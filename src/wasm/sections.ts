/** A section's id is its index here; `order` is its place among the others, 0 for those that stand anywhere. */
export const SECTIONS = [
  { name: "custom", order: 0 },
  { name: "type", order: 1 },
  { name: "import", order: 2 },
  { name: "function", order: 3 },
  { name: "table", order: 4 },
  { name: "memory", order: 5 },
  { name: "global", order: 7 },
  { name: "export", order: 8 },
  { name: "start", order: 9 },
  { name: "element", order: 10 },
  { name: "code", order: 12 },
  { name: "data", order: 13 },
  { name: "data count", order: 11 },
  { name: "tag", order: 6 },
] as const;

/** The name of a section. */
export type SectionName = typeof SECTIONS[number]["name"];

/** The id of the section with this name. */
export function sectionId(name: SectionName): number {
  return SECTIONS.findIndex((row) => row.name === name);
}
