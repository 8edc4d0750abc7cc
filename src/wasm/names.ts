/**
 * Names that the custom section `name` gives to what has only an index. The section is a hint by whoever made the
 * module: what is wrong in it is left out with a note and is never an error, and nothing may depend on it.
 */
import { ModuleInvalidError } from "../core/errors.ts";
import { Cursor } from "./cursor.ts";
import type { ByteRange, Module } from "./module.ts";

/** What can be named by its index alone, with the id of its subsection. */
const SPACES = {
  function: 1,
  type: 4,
  table: 5,
  memory: 6,
  global: 7,
  element: 8,
  data: 9,
  tag: 11,
} as const;

/** A key of {@linkcode SPACES}. */
export type NamedSpace = keyof typeof SPACES;

const MODULE_NAME = 0;
const LOCAL_NAMES = 2;

/** Names by index; made by {@linkcode readNames}. */
export class Names {
  /** Of the module itself. */
  module: string | undefined = undefined;
  /** What was left out, and why, in sentences. */
  readonly notes: string[] = [];
  private readonly spaces = new Map<NamedSpace, ReadonlyMap<number, string>>();
  private localNames: ByteRange | undefined = undefined;
  /** Where the name map of each function's locals starts; made when first asked for. */
  private localMaps: ReadonlyMap<number, number> | undefined = undefined;

  constructor(private readonly source: Module) {}

  /** The name of the item at an index, if it has one. */
  of(space: NamedSpace, index: number): string | undefined {
    return this.spaces.get(space)?.get(index);
  }

  /** Names of the parameters and locals of a function, by their index. Decoded anew each time. */
  locals(functionIndex: number): ReadonlyMap<number, string> {
    if (this.localNames === undefined) return new Map();
    this.localMaps ??= this.findLocalMaps(this.localNames);
    const start = this.localMaps.get(functionIndex);
    if (start === undefined) return new Map();
    return this.readMap(new Cursor(this.source.bytes, start, this.localNames.end), 50_000, "local");
  }

  /** Takes in one name section. */
  read(section: ByteRange): void {
    const cursor = new Cursor(this.source.bytes, section.start, section.end);
    this.tolerate("name section", () => {
      while (cursor.position < section.end) {
        const id = cursor.u8("subsection");
        const size = cursor.u32("size of a subsection");
        const start = cursor.skip(size, "subsection");
        this.readSubsection(id, { start, end: start + size });
      }
    });
  }

  private readSubsection(id: number, { start, end }: ByteRange): void {
    const cursor = new Cursor(this.source.bytes, start, end);
    if (id === MODULE_NAME) this.tolerate("module name", () => this.module = cursor.name("module name"));
    else if (id === LOCAL_NAMES) this.localNames = { start, end };
    else {
      for (const [space, subsection] of Object.entries(SPACES) as [NamedSpace, number][]) { // keys of the table
        if (subsection === id) this.spaces.set(space, this.readMap(cursor, this.sizeOf(space), space));
      }
    }
  }

  /** Index and name, indices ascending and below `size`; what follows the first mistake is left out. */
  private readMap(cursor: Cursor, size: number, what: string): ReadonlyMap<number, string> {
    const names = new Map<number, string>();
    this.tolerate(`${what} names`, () => {
      let next = 0;
      for (let left = cursor.u32("number of names"); left > 0; left--) {
        const offset = cursor.position;
        const index = cursor.u32("named index");
        if (index < next || index >= size) throw outOfOrder(what, index, offset);
        names.set(index, cursor.name(`${what} name`));
        next = index + 1;
      }
    });
    return names;
  }

  private findLocalMaps({ start, end }: ByteRange): ReadonlyMap<number, number> {
    const maps = new Map<number, number>();
    const cursor = new Cursor(this.source.bytes, start, end);
    this.tolerate("local names", () => {
      let next = 0;
      for (let left = cursor.u32("number of functions"); left > 0; left--) {
        const offset = cursor.position;
        const index = cursor.u32("function index");
        if (index < next || index >= this.source.functions.length) {
          throw outOfOrder("function", index, offset);
        }
        maps.set(index, cursor.position);
        for (let names = cursor.u32("number of names"); names > 0; names--) {
          cursor.u32("local index");
          cursor.skip(cursor.u32("length of a name"), "local name");
        }
        next = index + 1;
      }
    });
    return maps;
  }

  private sizeOf(space: NamedSpace): number {
    const { functions, types, tables, memories, globals, elements, data, tags } = this.source;
    const items = { function: functions, type: types, table: tables, memory: memories, global: globals };
    return { ...items, element: elements, data, tag: tags }[space].length;
  }

  private tolerate(what: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ModuleInvalidError)) throw error;
      this.notes.push(`The rest of the ${what} was ignored: ${error.message}.`);
    }
  }
}

function outOfOrder(what: string, index: number, offset: number): ModuleInvalidError {
  return new ModuleInvalidError(`${what} ${index} is out of order or does not exist`, offset);
}

/** Reads the first name section of a module, if it has one. */
export function readNames(module: Module): Names {
  const names = new Names(module);
  const [first, second] = module.customs.filter((section) => section.name === "name");
  if (first !== undefined) names.read(first);
  if (second !== undefined) names.notes.push("All name sections but the first were ignored.");
  return names;
}
