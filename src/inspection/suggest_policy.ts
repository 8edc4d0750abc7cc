/** The smallest manifest that a module can do with: what its imports ask for and something outside can reach, and no more. */
import { plainText } from "../core/plain_text.ts";
import { quote } from "../core/quote.ts";
import type { NeedName } from "./needs.ts";
import type { NeedUse, ScanFacts } from "./scan.ts";

/** The key that grants a capability; where a choice has to be made that nobody can make for the person, it is left to them. */
interface GrantRow {
  readonly line: string;
  /** What has to be filled in before the line means anything. */
  readonly fill?: string;
}

/** Capabilities that a manifest can grant. The others need no grant, or a program that gives it. */
const GRANTS: Readonly<Partial<Record<NeedName, GrantRow>>> = {
  filesystem: {
    line: 'allow_read = ["DIRECTORY"]',
    fill: "name the directories; allow_write where it has to write",
  },
  clock: { line: "allow_clock = true" },
  random: { line: "allow_random = true" },
  env: { line: 'allow_env = ["NAME"]', fill: "name the variables" },
  logging: { line: "allow_logging = true" },
  sensor: { line: "sensor = [{ id = 0, value = 0.0 }]", fill: "number the sensors, and say what they read" },
  alert: { line: "allow_alert = true" },
  network: { line: 'allow_net = ["HOST"]', fill: "name the hosts" },
};

/** What is said of capabilities that no manifest grants. */
const NOT_GRANTED: Readonly<Partial<Record<NeedUse["capability"], string>>> = {
  "host functions": "a program that embeds the module has to register these; aegis run offers none of them",
  channels: "the library alone opens channels",
  commands: "the library alone grants commands",
  plugins: "the host of plugins alone offers calls of others",
  tools: "aegis mcp offers it",
  sockets: "a guest never has one",
};

/** UTF-16 units of a comment. */
const LONGEST_COMMENT = 400;

function comment(text: string): string {
  return `# ${plainText(text, LONGEST_COMMENT)}\n`;
}

/** Text as TOML writes it. */
function tomlText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\x7f", "\\u007f");
}

function needText({ capability, reached, imports, way }: NeedUse): string {
  const names = imports.slice(0, 5).map(({ name }) => quote(name)).join(", ");
  if (reached === 0 || way === undefined) {
    return capability === "none"
      ? ""
      : comment(`${capability}: nothing reaches ${names}, so nothing is granted`);
  }
  const grant = GRANTS[capability as NeedName], reason = NOT_GRANTED[capability]; // others have no row
  const why = comment(`${capability}: ${names}, from ${way.from}: ${way.steps}`);
  if (grant !== undefined) {
    return grant.fill === undefined
      ? `${why}${grant.line}\n`
      : `${why}${comment(`${grant.line}    <- ${grant.fill}`)}`;
  }
  return reason === undefined ? "" : `${why}${comment(reason)}`;
}

/** A name of a module that can stand in a manifest without quotes. @param shown the module as a person named it */
export function moduleName(shown: string): string {
  const name = shown.replace(/^.*[\\/]/s, "").replace(/\.wa(?:sm|t)$/i, "").replace(/[^\w-]+/g, "_").slice(
    0,
    64,
  );
  return name === "" || name === "-" ? "module" : name;
}

/**
 * Writes the manifest, as TOML.
 *
 * @param shown the module as the person named it
 */
export function suggestedPolicy({ needs }: ScanFacts, shown: string): string {
  const name = moduleName(shown);
  return comment(
    `The least that ${quote(shown)} asks for, by its imports and by what reaches them. Read it before use.`,
  ) +
    `[modules.${name}]\npath = ${tomlText(shown)}\n\n[modules.${name}.capabilities]\n` +
    needs.map(needText).join("");
}
