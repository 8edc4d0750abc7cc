/** A run as a program in TypeScript with the library. */
import { ALERT_LEVELS } from "../../core/alert_level.ts";
import { type LimitName, LIMITS, resolveLimits } from "../../core/limits.ts";
import { amountJson, isSame, limitText } from "../forms/limit_text.ts";
import type { LocalArgument, LocalRun } from "./local_run.ts";
import { quoteUpTo } from "../../core/quote.ts";
import type { TaskGrants } from "../forms/new_task.ts";

/** Where the library comes from. In two parts: the text of this program is not to look as if it loaded a package. */
const LIBRARY = ["jsr", "@aegis/core"].join(":");

export interface LibraryOptions {
  /** Where the library is imported from. @default as it is published */
  readonly from?: string;
  /** Where the module is. @default its file in the current directory */
  readonly module?: string;
}

/** Puts a run into a program. */
export function libraryProgram(
  run: LocalRun,
  { from = LIBRARY, module = `./${run.file}` }: LibraryOptions = {},
): string {
  const capabilities = capabilitiesOf(run.grants), names = new Set(["Aegis"]);
  for (const capability of capabilities) names.add(capability.slice(0, capability.indexOf(".")));
  const sandbox = sandboxOptions(run);
  const args = run.args.map(argumentText),
    called = [text(run.function), ...(args.length > 0 ? [list(args)] : [])];
  const lines = [
    importLine([...names].toSorted(), from),
    "",
    `await using runtime = await Aegis.create(${
      object([...runtimeOptions(run), ...grantOption(capabilities)], "")
    });`,
    `const module = await runtime.loadFile(${text(module)});`,
    "",
    `await using sandbox = await runtime.sandbox(${
      sandbox.length === 0 ? "" : object(sandbox, "")
    }).build();`,
    "await sandbox.loadModule(module);",
    ...(run.program === undefined
      ? [`console.log(await sandbox.call(${called.join(", ")}));`]
      : [`const outcome = await sandbox.tryCall(${called.join(", ")});`, "console.log(outcome);"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Names that are imported: on a line, or on one each where that would be long. */
function importLine(names: readonly string[], from: string): string {
  const line = `import { ${names.join(", ")} } from ${text(from)};`;
  return line.length <= 100
    ? line
    : `import {\n${names.map((name) => `  ${name},\n`).join("")}} from ${text(from)};`;
}

/** A text as it stands in a program. Characters that are not seen, or drive a terminal, are escaped. */
function text(value: string): string {
  return quoteUpTo(value, Infinity);
}

function list(items: readonly string[]): string {
  return `[${items.join(", ")}]`;
}

/** An object over several lines. @param entries `key: value` */
function object(entries: readonly string[], indent: string): string {
  if (entries.length === 0) return "{}";
  return `{\n${entries.map((entry) => `${indent}  ${entry},\n`).join("")}${indent}}`;
}

/** Limits as they are, so that they are read as the server reads them; what is as the library has it is left out. */
function runtimeOptions({ limits, engine, strict }: LocalRun): string[] {
  const standard = resolveLimits();
  const names = (Object.keys(LIMITS) as LimitName[]) // its own keys
    .filter((name) => !isSame(limits[name], amountJson(standard[name])));
  return [
    ...names.map((name) => `${name}: ${text(limitText(name, limits[name]))}`),
    ...(engine === "v8" ? [] : [`engine: ${text(engine)}`]),
    ...(strict ? ['onDenial: "stop"'] : []),
  ];
}

function grantOption(capabilities: readonly string[]): string[] {
  return capabilities.length === 0
    ? []
    : [`capabilities: [\n${capabilities.map((one) => `    ${one},\n`).join("")}  ]`];
}

function capabilitiesOf(
  { read = [], write = [], net = [], logging, alerts, sensors = {}, clock, random, env = [] }: TaskGrants,
): string[] {
  const texts = (items: readonly string[]) => list(items.map(text));
  return [
    ...(read.length === 0 ? [] : [`FilesystemCapability.readOnly(${list(read.map(pathText))})`]),
    ...(write.length === 0 ? [] : [`FilesystemCapability.full(${list(write.map(pathText))})`]),
    ...(net.length === 0 ? [] : [`NetworkCapability.hosts(${texts(net)})`]),
    ...(logging === undefined ? [] : [`LoggingCapability.atLevel(${text(logging)})`]),
    ...(alerts === undefined ? [] : [
      alerts === Object.keys(ALERT_LEVELS)[0]
        ? "AlertCapability.all()"
        : `AlertCapability.atLevel(${text(alerts)})`,
    ]),
    ...Object.entries(sensors).flatMap(([id, reading]) => {
      if (reading === "runtime") return [];
      return typeof reading === "number"
        ? [`SensorCapability.constant(${Number(id)}, ${reading})`]
        : [`SensorCapability.series(${Number(id)}, ${list(reading.map(String))})`];
    }),
    ...(clock ? ["ClockCapability.all()"] : []),
    ...(random ? ["RandomCapability.secure()"] : []),
    ...(env.length === 0 ? [] : [`EnvCapability.inherit(${texts(env)})`]),
  ];
}

function pathText(path: string): string {
  const [host = "", guest] = path.split("::");
  return guest === undefined ? text(host) : `{ host: ${text(host)}, guest: ${text(guest)} }`;
}

/** What a program is given, and where what it says goes. */
function sandboxOptions({ program, grants }: LocalRun): string[] {
  const { argv = [], stdin = "" } = program ?? {};
  return [
    ...(argv.length === 0 ? [] : [`args: ${list(["main", ...argv].map(text))}`]),
    ...(stdin === "" ? [] : [`stdin: ${text(stdin)}`]),
    ...(program === undefined ? [] : [
      "stdout: (bytes) => void Deno.stdout.writeSync(bytes)",
      "stderr: (bytes) => void Deno.stderr.writeSync(bytes)",
    ]),
    ...(grants.logging === undefined ? [] : ["onLog: ({ level, message }) => console.error(level, message)"]),
    ...(grants.alerts === undefined
      ? []
      : ["onAlert: ({ level, message }) => console.error(level, message)"]),
  ];
}

/** An argument as the library takes it. */
function argumentText({ kind, value }: LocalArgument): string {
  if (kind === "i64") return `${value}n`;
  if (kind !== "i32" && kind !== "f32" && kind !== "f64") {
    return typeof value === "string" ? text(value) : jsonText(value);
  }
  const special = { nan: "NaN", inf: "Infinity", "-inf": "-Infinity", "-0": "-0" };
  return Object.entries(special).find(([name]) => name === value)?.[1] ?? String(value);
}

/** JSON as a program has it; a key __proto__ would be no key there. */
function jsonText(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes('"__proto__"') ? `JSON.parse(${text(json)})` : json;
}
