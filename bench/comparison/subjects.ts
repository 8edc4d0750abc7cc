/** What is compared, how each is started, and what its own documentation says that it does not offer. */
import { VERSION } from "../../src/cli/version.ts";
import type { QuestionName } from "./questions.ts";

/** A page of the documentation in which something is not. */
interface Lack {
  readonly why: string;
  readonly link: string;
}

export interface Subject {
  readonly name: string;
  /** The head of its column. */
  readonly title: string;
  /** What it is with its versions; undefined where it is not installed. */
  readonly what: () => Promise<string | undefined>;
  /** To which what is asked is added. */
  readonly command: readonly string[];
  readonly lacks: Readonly<Partial<Record<QuestionName, Lack>>>;
  /** Whether the README has its column; the page has all. */
  readonly inReadme: boolean;
}

const HERE = new URL("drivers/", import.meta.url);

const path = (name: string) => new URL(name, HERE).pathname;

const deno = (...args: string[]) => [Deno.execPath(), "run", "-A", "--no-prompt", "--quiet", ...args];

const LOCK = new URL("../../tests/deno.lock", import.meta.url).pathname;

/** What a command prints; undefined when it cannot be run. */
async function printed(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The file of Extism's SDK in a folder in which npm has installed it. */
export const sdkFile = (packages: string) => `${packages}/node_modules/@extism/extism/dist/esm/mod.js`;

async function sdkVersion(packages: string | undefined): Promise<string | undefined> {
  if (packages === undefined) return undefined;
  try {
    const text = await Deno.readTextFile(`${packages}/node_modules/@extism/extism/package.json`);
    const { version }: { version: string } = JSON.parse(text); // every package has one
    return version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const nodeVersion = () => printed("node", "--version");

/** The text of what is there when both are. */
const both = (
  first: string | undefined,
  second: string | undefined,
  text: (one: string, two: string) => string,
) => first === undefined || second === undefined ? undefined : text(first, second);

const JS_API = "https://webassembly.github.io/spec/js-api/", NODE_WASI = "https://nodejs.org/api/wasi.html";
const JS_SDK = "https://extism.github.io/js-sdk/",
  WASMTIME_PY = "https://bytecodealliance.github.io/wasmtime-py/";

const NO_FILES: Lack = { why: "a module has the imports that its host writes, and no files", link: JS_API };
const NO_FUEL = (link: string): Lack => ({ why: "nothing counts instructions", link });
const NOT_TOLD = (link: string): Lack => ({
  why: "the guest gets an error number, its host gets nothing",
  link,
});

const WASI_LACKS = { fuel: NO_FUEL(NODE_WASI), told: NOT_TOLD(NODE_WASI) };
const EXTISM_LACKS = { fuel: NO_FUEL(JS_SDK), told: NOT_TOLD(JS_SDK) };

/** @param packages the folder in which npm has installed Extism's SDK */
export const subjects = (packages: string | undefined): readonly Subject[] => [
  {
    name: "aegis",
    title: "Aegis",
    what: () => Promise.resolve(`Aegis ${VERSION} on Deno ${Deno.version.deno}, with its usual isolation`),
    command: deno("--frozen", `--lock=${LOCK}`, path("aegis.ts")),
    lacks: {},
    inReadme: true,
  },
  {
    name: "worker",
    title: "Worker of Deno",
    what: () => Promise.resolve(`a Worker on Deno ${Deno.version.deno}, which its host terminates`),
    command: deno("--no-config", "--no-lock", path("worker.mjs")),
    lacks: { link: NO_FILES, parent: NO_FILES, told: NO_FILES, fuel: NO_FUEL(JS_API) },
    inReadme: true,
  },
  {
    name: "wasi-deno",
    title: "`node:wasi` on Deno",
    what: () =>
      Promise.resolve(`\`node:wasi\` in a Worker on Deno ${Deno.version.deno}, which its host terminates`),
    command: deno("--no-config", "--no-lock", path("node_wasi.mjs")),
    lacks: WASI_LACKS,
    inReadme: true,
  },
  {
    name: "wasi-node",
    title: "`node:wasi` on Node",
    what: async () => {
      const version = await nodeVersion();
      return version && `\`node:wasi\` in a Worker of Node ${version.slice(1)}, which its host terminates`;
    },
    command: ["node", "--no-warnings", path("node_wasi.mjs")],
    lacks: WASI_LACKS,
    inReadme: false,
  },
  {
    name: "extism-deno",
    title: "Extism on Deno",
    what: async () => {
      const sdk = await sdkVersion(packages);
      return sdk &&
        `Extism's js-sdk ${sdk} in its Worker, on Deno ${Deno.version.deno}, with \`nodeWorkerArgs: { execArgv: [] }\`, ` +
          "without which the Worker does not start there";
    },
    command: deno("--no-config", "--no-lock", path("extism.mjs")),
    lacks: EXTISM_LACKS,
    inReadme: true,
  },
  {
    name: "extism-node",
    title: "Extism on Node",
    what: async () =>
      both(
        await sdkVersion(packages),
        await nodeVersion(),
        (sdk, node) => `Extism's js-sdk ${sdk} in its Worker, on Node ${node.slice(1)}`,
      ),
    command: ["node", "--no-warnings", path("extism.mjs")],
    lacks: EXTISM_LACKS,
    inReadme: false,
  },
  {
    name: "wasmtime",
    title: "Wasmtime",
    what: async () => {
      const text =
        "import platform, importlib.metadata as m; print(m.version('wasmtime'), platform.python_version())";
      const [version, python] = (await printed("python3", "-c", text))?.split(" ") ?? [];
      return both(version, python, (one, two) => `Wasmtime ${one} as a package of Python ${two}`);
    },
    command: ["python3", path("wasmtime_driver.py")],
    lacks: { told: NOT_TOLD(WASMTIME_PY) },
    inReadme: true,
  },
];
