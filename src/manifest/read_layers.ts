/** A manifest with the files that it includes, put over each other. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import { join } from "../sandbox/path.ts";
import { At } from "./at.ts";
import { decodeDocument } from "./document.ts";
import { type Complain, includesOf, type Layer, type LayerOptions, mergeLayers, readLayer } from "./layer.ts";

/** Files within files, files in all, and bytes in all, that a manifest may be made of; one that is read twice counts twice. */
const DEEPEST = 8, MOST_FILES = 64, MOST_BYTES = 4 * 1024 * 1024;

/** Mistakes that are told of: each is compared with what may have been meant. */
export const MOST_MISTAKES = 100;

/** How files are read. @returns its bytes; more than {@linkcode LARGEST_MANIFEST} of them are refused */
export type ReadFile = (file: string) => Promise<Uint8Array | string>;

const EMPTY: Layer = { settings: new Map(), modules: new Map(), commands: new Map() };

/** What is known on the way down from file to file. */
interface Way extends LayerOptions {
  readonly read: ReadFile;
  /** The files around this one, the outermost first. */
  readonly around: readonly string[];
  /** How many files were read, and bytes of them. */
  readonly files: { count: number; bytes: number };
}

/** A file is one and the same under two ways of writing its path. */
const sameFile = (file: string) => join(file);

async function readOne(file: string, content: Uint8Array | string, way: Way): Promise<Layer> {
  const document = await decodeDocument(content, file), own = readLayer(document, way);
  const around = [...way.around, sameFile(file)];
  let below = EMPTY;
  for (const included of includesOf(document, way.complain)) {
    const layer = await readIncluded(included, { ...way, around });
    if (layer !== undefined) below = mergeLayers(below, layer);
  }
  return mergeLayers(below, own);
}

async function readIncluded(
  { file, at }: { readonly file: string; readonly at: At },
  way: Way,
): Promise<Layer | undefined> {
  try {
    if (way.around.includes(sameFile(file))) {
      throw at.refuse(
        `${quote(file)} includes itself: ${[...way.around, sameFile(file)].map(quote).join(" > ")}`,
      );
    }
    if (way.around.length > DEEPEST) throw at.refuse(`files include each other more than ${DEEPEST} deep`);
    if (++way.files.count > MOST_FILES) throw at.refuse(`it is made of more than ${MOST_FILES} files`);
    const content = await readContent(file, { at, read: way.read });
    if ((way.files.bytes += content.length) > MOST_BYTES) {
      throw at.refuse(`it is made of more than ${formatByteSize(MOST_BYTES)}`);
    }
    return await readOne(file, content, way);
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    way.complain(error);
    return undefined;
  }
}

async function readContent(file: string, { at, read }: { readonly at: At; readonly read: ReadFile }) {
  try {
    return await read(file);
  } catch (error) {
    if (!(error instanceof AegisError) || at.owns(error)) throw error;
    throw at.refuse(`${error.message.replace(/^C/, "c")}`);
  }
}

/** What a manifest is made of. */
export interface ReadLayers {
  readonly layer: Layer;
  /** What is wrong, in the order in which it stands there. */
  readonly mistakes: readonly AegisError[];
  /** How many mistakes there are beside those. */
  readonly more: number;
}

/**
 * Reads a manifest and all that it includes.
 *
 * @param file its name, for messages and for the paths in it
 */
export async function readLayers(
  file: string,
  content: Uint8Array | string,
  options: { readonly read: ReadFile } & Pick<LayerOptions, "commands" | "skipsCommands">,
): Promise<ReadLayers> {
  const mistakes: AegisError[] = [];
  let more = 0;
  const complain: Complain = (mistake) => {
    if (mistakes.length >= MOST_MISTAKES) more++;
    else mistakes.push(typeof mistake === "function" ? mistake() : mistake);
  };
  let layer = EMPTY;
  try {
    layer = await readOne(file, content, {
      ...options,
      complain,
      around: [],
      files: { count: 1, bytes: content.length },
    });
    for (const { own, at } of layer.modules.values()) {
      if (!own.has("path")) complain(() => at.refuse("it has no path", 'Add path = "module.wasm".'));
    }
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    complain(error);
  }
  return { layer, mistakes, more };
}
