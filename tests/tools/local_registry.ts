/**
 * A registry of packages on this machine, as far as `deno publish` and `deno run` ask one: packages are sent to it as to
 * the real one, and are had from it in the same way. Nothing of it is kept.
 */
import { assert } from "../assert.ts";

/** A package that was published. */
interface Published {
  readonly exports: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const BLOCK = 512;

function text(bytes: Uint8Array, from: number, length: number): string {
  return new TextDecoder().decode(bytes.subarray(from, from + length)).replace(/\0.*$/s, "");
}

/** The files of an archive by their paths, which begin with a slash. */
function readArchive(archive: Uint8Array): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let long: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const prefix = text(archive, at + 345, 155), name = text(archive, at, 100);
    const size = parseInt(text(archive, at + 124, 12).trim(), 8), type = text(archive, at + 156, 1);
    const content = archive.slice(at + BLOCK, at + BLOCK + size);
    // The name of the next file, where it is long.
    if (type === "L") long = text(content, 0, size);
    else {
      const path = long ?? (prefix === "" ? name : `${prefix}/${name}`);
      if (type === "0" || type === "") files.set(`/${path.replace(/^\.?\//, "")}`, content);
      long = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

async function unpack(body: Uint8Array<ArrayBuffer>): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const stream = new Blob([body]).stream().pipeThrough(new DecompressionStream("gzip"));
  return readArchive(new Uint8Array(await new Response(stream).arrayBuffer()));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

export class LocalRegistry implements AsyncDisposable {
  readonly #packages = new Map<string, Published>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => this.#answer(request),
    );
  }

  /** What `JSR_URL` is set to. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Has a package without being sent it: `@std/path@1.0.0`, and modules by what they are exported as. */
  add(name: string, modules: Readonly<Record<string, string>>): void {
    const exports: Record<string, string> = {}, files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const [index, [exported, module]] of Object.entries(modules).entries()) {
      exports[exported] = `./${index}.ts`;
      files.set(`/${index}.ts`, new TextEncoder().encode(module));
    }
    this.#packages.set(name, { exports, files });
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url), parts = pathname.split("/").slice(1).map(decodeURIComponent);
    if (parts[0] === "api") return await this.#api(parts.slice(1), request);
    const [scope = "", name = "", file = "", ...below] = parts;
    const versions = [...this.#packages.keys()].flatMap((key) =>
      key.startsWith(`${scope}/${name}@`) ? [key.slice(`${scope}/${name}@`.length)] : []
    );
    if (file === "meta.json" && versions.length > 0) {
      return Response.json({
        scope: scope.slice(1),
        name,
        latest: versions.at(-1),
        versions: Object.fromEntries(versions.map((version) => [version, {}])),
      });
    }
    const version = file.replace(/_meta\.json$/, ""),
      published = this.#packages.get(`${scope}/${name}@${version}`);
    if (published === undefined) return new Response("there is no such package", { status: 404 });
    if (below.length === 0) {
      const manifest: Record<string, { size: number; checksum: string }> = {};
      for (const [path, bytes] of published.files) {
        manifest[path] = { size: bytes.length, checksum: `sha256-${await sha256(bytes)}` };
      }
      return Response.json({ manifest, exports: published.exports });
    }
    const bytes = published.files.get(`/${below.join("/")}`);
    return bytes === undefined
      ? new Response("there is no such file", { status: 404 })
      : new Response(bytes, { headers: { "content-type": "application/typescript" } });
  }

  async #api(parts: readonly string[], request: Request): Promise<Response> {
    const [kind, scope, , name, , version] = parts; // scopes/SCOPE/packages/NAME/versions/VERSION
    if (kind === "publish_status") return Response.json({ id: parts[1], status: "success", error: null });
    if (kind !== "scopes") return new Response("there is no such thing", { status: 404 });
    // What is there already is not sent.
    const known = version === undefined || this.#packages.has(`@${scope}/${name}@${version}`);
    if (!known && request.method !== "POST") return new Response("there is no such version", { status: 404 });
    if (version === undefined || request.method !== "POST") {
      return Response.json({ scope, name, description: "", latestVersion: null, versionCount: 0 });
    }
    const files = await unpack(await request.bytes()), config = files.get("/deno.json");
    assert(config !== undefined, "a package has its configuration");
    const { exports } = JSON.parse(new TextDecoder().decode(config)) as Pick<Published, "exports">; // as was staged
    this.#packages.set(`@${scope}/${name}@${version}`, { exports, files });
    return Response.json({ id: "1", status: "success", error: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
