/**
 * Files of one directory, served by us: no guest sees them or the request. A path is a list of plain names, and what it leads
 * to lies in the directory when every link was followed; whatever else it is, there is no such file.
 *
 * Not promised: that a link which a program outside of this process swaps in amid a request is never followed. It is looked at
 * again when the file is open.
 */
import { getMimeType } from "hono/utils/mime";
import { hasBody } from "./guest_headers.ts";
import type { Answer } from "./held_answer.ts";
import { HttpFailure } from "./http_failure.ts";
import { readRoute, withinRoute } from "./route.ts";
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { checkOptionNames, type OptionNames } from "../../core/option_names.ts";

/** How files are served. */
export interface StaticFilesOptions {
  /** The path below which they are. @default "/static" */
  readonly route?: string;
}

const OPTIONS: OptionNames<StaticFilesOptions> = { place: "of static files", names: { route: true } };

/** Read at once. */
const PIECE = 64 * 1024;

/** What a name must not be, or have in it: hidden files, parents, other separators, what ends a text elsewhere. */
const REFUSED = /^\.|[/\\\0]|^$/;

const WINDOWS = Deno.build.os === "windows", SEPARATOR = WINDOWS ? "\\" : "/";

/** What Windows reads as another name: a stream of a file, and what it drops at the end. */
const REFUSED_ON_WINDOWS = /[:]|[. ]$/;

/** A file that is open; closed by whoever sends it. */
interface OpenFile {
  readonly file: Deno.FsFile;
  readonly size: number;
  readonly modified: Date | null;
  readonly name: string;
}

/** A part of a file, by its first byte and the one behind its last. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The files of one directory, below one path. */
export class StaticFiles {
  /** The path below which they are, without a slash at the end. */
  readonly route: string;
  readonly #root: string;

  /** Made by {@linkcode staticFiles}. */
  constructor(directory: string, options: StaticFilesOptions) {
    checkOptionNames(options, OPTIONS);
    this.route = readRoute(options.route ?? "/static");
    try {
      this.#root = Deno.realPathSync(directory);
      if (!Deno.statSync(this.#root).isDirectory) throw new TypeError("it is no directory");
    } catch (error) {
      throw new AegisError(
        "InvalidOption",
        `Cannot serve files of ${quote(directory)}: there is no such directory`,
        {
          field: "static",
          cause: error,
        },
      );
    }
  }

  /** Answers a request for a file. @throws {HttpFailure} 404, 405 */
  async handle(request: Request): Promise<Answer> {
    void request.body?.cancel().catch(() => {});
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new HttpFailure(405, "files are read with GET and HEAD");
    }
    const url = new URL(request.url);
    if (!withinRoute(url.pathname, this.route)) throw notFound();
    const rest = url.pathname.slice(this.route.length);
    if (rest === "") return redirect(`${url.pathname}/${url.search}`);
    const found = await this.#open(namesOf(rest), rest.endsWith("/"));
    return found === "directory" ? redirect(`${url.pathname}/${url.search}`) : await answerOf(request, found);
  }

  /** @throws {HttpFailure} 404 */
  async #open(names: readonly string[], directory: boolean): Promise<OpenFile | "directory"> {
    const path = [this.#root, ...names, ...directory ? ["index.html"] : []].join("/");
    let file: Deno.FsFile | undefined;
    try {
      const real = await Deno.realPath(path);
      if (!isServed(real, this.#root)) throw notFound();
      const { isDirectory, isFile } = await Deno.lstat(real);
      if (isDirectory && !directory) return "directory";
      if (!isFile) throw notFound(); // a device or a pipe would hold us up
      file = await Deno.open(real);
      const info = await file.stat(), now = await Deno.lstat(await Deno.realPath(path));
      if (
        !info.isFile || info.ino !== now.ino || info.dev !== now.dev || await Deno.realPath(path) !== real
      ) {
        throw notFound();
      }
      return { file, size: info.size, modified: info.mtime, name: real };
    } catch {
      file?.close();
      throw notFound(); // whatever it was: what lies on this machine is nobody's business
    }
  }
}

/** Makes what serves the files of a directory. @throws {AegisError} `InvalidOption` */
export function staticFiles(directory: string, options: StaticFilesOptions = {}): StaticFiles {
  return new StaticFiles(directory, options);
}

/** @throws {HttpFailure} 404 */
function namesOf(path: string): string[] {
  return path.slice(1).replace(/\/$/, "").split("/").filter((name, _index, all) =>
    all.length > 1 || name !== ""
  )
    .map((segment) => {
      let name: string;
      try {
        name = decodeURIComponent(segment);
      } catch {
        throw notFound();
      }
      if (REFUSED.test(name) || WINDOWS && REFUSED_ON_WINDOWS.test(name)) throw notFound();
      return name;
    });
}

/**
 * Whether a file lies in the directory, and none of the names on the way to it is hidden.
 *
 * @param real its path without links @param root of the directory, the same @param separator of paths on this system
 */
export function isServed(real: string, root: string, separator: string = SEPARATOR): boolean {
  const top = root.endsWith(separator) ? root : root + separator; // "/", and "C:\\"
  return real.startsWith(top) &&
    !real.slice(top.length).split(separator).some((name) => name.startsWith("."));
}

function notFound(): HttpFailure {
  return new HttpFailure(404, "there is no such file");
}

/** To the same path with a slash: it begins with one, and names no host. */
function redirect(location: string): Answer {
  if (location.startsWith("//")) throw notFound();
  return { status: 301, headers: new Headers({ location, "content-length": "0" }), body: null };
}

async function answerOf(request: Request, { file, size, modified, name }: OpenFile): Promise<Answer> {
  const tag = `W/"${size.toString(16)}-${(modified?.getTime() ?? 0).toString(16)}"`;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": "no-cache", // it may be kept, and is asked about before it is used
    "content-type": getMimeType(name) ?? "application/octet-stream",
    "etag": tag,
    "x-content-type-options": "nosniff",
    ...(modified === null ? {} : { "last-modified": modified.toUTCString() }),
  });
  if (isUnchanged(request.headers, tag, modified)) {
    file.close();
    return { status: 304, headers, body: null };
  }
  const range = request.headers.has("if-range") ? undefined : rangeOf(request.headers.get("range"), size);
  if (range === "none") {
    file.close();
    headers.set("content-range", `bytes */${size}`);
    headers.set("content-length", "0");
    return { status: 416, headers, body: null };
  }
  const { from, to } = range ?? { from: 0, to: size }, status = range === undefined ? 200 : 206;
  if (range !== undefined) headers.set("content-range", `bytes ${from}-${to - 1}/${size}`);
  headers.set("content-length", String(to - from));
  if (!hasBody(request.method, status)) {
    file.close();
    return { status, headers, body: null };
  }
  if (from > 0) await file.seek(from, Deno.SeekMode.Start);
  return { status, headers, body: part(file, to - from) };
}

/** RFC 9110, section 13.2.2: a tag comes before a time. */
function isUnchanged(headers: Headers, tag: string, modified: Date | null): boolean {
  const tags = headers.get("if-none-match"), since = headers.get("if-modified-since");
  if (tags !== null) {
    const plain = (one: string) => one.trim().replace(/^W\//, "");
    return tags.trim() === "*" || tags.split(",").some((one) => plain(one) === plain(tag));
  }
  const time = since === null ? NaN : Date.parse(since);
  return modified !== null && Math.floor(modified.getTime() / 1000) * 1000 <= time;
}

/** The one range that is asked for; undefined for all, also where several are: RFC 9110 leaves that to us. */
function rangeOf(text: string | null, size: number): Range | "none" | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(text ?? "") ?? [];
  if (first === undefined || last === undefined || first === "" && last === "") return undefined;
  if (first === "") {
    return Number(last) === 0 || size === 0 ? "none" : { from: Math.max(0, size - Number(last)), to: size };
  }
  const from = Number(first), to = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < from) return undefined;
  return from >= size ? "none" : { from, to };
}

/** So many bytes of a file from where it stands, which is closed then. */
function part(file: Deno.FsFile, length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = length;
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const piece = new Uint8Array(Math.min(left, PIECE)),
          count = left === 0 ? null : await file.read(piece);
        if (count === null) {
          file.close();
          // It was cut meanwhile: what was promised does not come.
          return left > 0
            ? controller.error(new HttpFailure(500, "the file has become shorter"))
            : controller.close();
        }
        left -= count;
        controller.enqueue(piece.subarray(0, count));
      } catch (error) {
        file.close();
        controller.error(error);
      }
    },
    cancel: () => file.close(),
  }, { highWaterMark: 0 });
}
