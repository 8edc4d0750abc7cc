/** What a server of tools is made with: modules, what the operator says of their tools, and bounds. */
import { AegisError } from "../../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../../core/option_names.ts";
import { quote } from "../../core/quote.ts";
import { type ByteSize, parseByteSize } from "../../core/units.ts";
import type { Aegis } from "../../sandbox/aegis.ts";
import type { SandboxOptions } from "../../sandbox/aegis_options.ts";
import type { McpAuditRecord } from "./audit.ts";
import { isName } from "./names.ts";

/** What the operator says of one tool; it wins over what the module says. */
export interface McpToolOptions {
  /** What it is called. @default what the module says */
  readonly name?: string;
  /** Shown to people. @default what the module says */
  readonly title?: string;
  /** Shown to models. @default what the module says */
  readonly description?: string;
  /** Limits and capabilities of this tool alone, within those of its runtime. @default those of the module */
  readonly sandbox?: SandboxOptions;
  /** Another runtime for this tool: for grants that the other tools of the module are not to have. @default the module's */
  readonly runtime?: Aegis;
}

/** A module that a server offers tools of. */
export interface McpModule {
  /** What it is called: 1 to 64 of letters, digits, `_` and `-`. Names of tools begin with it when there are several. */
  readonly name: string;
  /** The module in binary form. It is copied, and read this once. */
  readonly bytes: Uint8Array;
  /** What its guests run in. */
  readonly runtime: Aegis;
  /** Limits and capabilities of its guests, within those of the runtime. @default those of the runtime */
  readonly sandbox?: SandboxOptions;
  /** By the name that the module gives the tool. @default none */
  readonly tools?: Readonly<Record<string, McpToolOptions>>;
}

/** Options of a server. Unknown keys are refused. */
export interface McpOptions {
  /** What the server calls itself. @default the only module's name, else `aegis` */
  readonly name?: string;
  /** Version of it. @default the only module's, else `0.0.0` */
  readonly version?: string;
  /** What clients are told at the start. @default what the modules say */
  readonly instructions?: string;
  /** The only tools that are offered, by their full names. @default all */
  readonly only?: readonly string[];
  /** Whether a session's guest keeps its state from call to call; else each call has a fresh one. @default false */
  readonly keep?: boolean;
  /** Guests at once of one module. @default 8 */
  readonly guests?: number;
  /** Bytes of one result, as JSON sends it. @default "4MiB" */
  readonly resultSize?: ByteSize;
  /** Requests of one session that may be under way at once. @default 32 */
  readonly calls?: number;
  /** Told of each call, resource and prompt. What it throws is dropped. */
  readonly onAudit?: (record: McpAuditRecord) => void;
}

const NAMES: OptionNames<McpOptions> = {
  place: "of an MCP server",
  names: {
    name: true,
    version: true,
    instructions: true,
    only: true,
    keep: true,
    guests: true,
    resultSize: true,
    calls: true,
    onAudit: true,
  },
};

const MODULE_NAMES: OptionNames<McpModule> = {
  place: "of a module of an MCP server",
  names: { name: true, bytes: true, runtime: true, sandbox: true, tools: true },
};

const TOOL_NAMES: OptionNames<McpToolOptions> = {
  place: "of a tool",
  names: { name: true, title: true, description: true, sandbox: true, runtime: true },
};

/** Options that were read. */
export interface McpPlan {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly instructions: string | undefined;
  readonly only: readonly string[] | undefined;
  readonly keep: boolean;
  readonly guests: number;
  /** Bytes. */
  readonly resultSize: number;
  readonly calls: number;
  readonly onAudit: ((record: McpAuditRecord) => void) | undefined;
}

/** @throws {AegisError} `InvalidOption` */
export function readMcpOptions(options: McpOptions): McpPlan {
  checkOptionNames(options, NAMES);
  const { name, version, instructions, only, keep = false, onAudit } = options;
  return Object.freeze({
    name,
    version,
    instructions,
    only,
    keep,
    guests: count("guests", options.guests ?? 8),
    resultSize: parseByteSize(options.resultSize ?? "4MiB", "resultSize"),
    calls: count("calls", options.calls ?? 32),
    onAudit,
  });
}

/** @throws {AegisError} `InvalidOption` */
export function checkMcpModules(modules: readonly McpModule[]): void {
  if (modules.length === 0) throw new AegisError("InvalidOption", "Cannot serve no module at all: give one");
  const names = new Set<string>();
  for (const module of modules) {
    checkOptionNames(module, MODULE_NAMES);
    for (const tool of Object.values(module.tools ?? {})) checkOptionNames(tool, TOOL_NAMES);
    const { name } = module;
    if (!isName(name) || name.length > 64 || name.includes(".")) {
      throw new AegisError(
        "InvalidOption",
        `Cannot name a module ${quote(name)}: use 1 to 64 letters, digits, "_" and "-"`,
        { field: "name" },
      );
    }
    if (names.has(name)) {
      throw new AegisError("InvalidOption", `Cannot serve two modules of the name ${quote(name)}`, {
        field: "name",
        suggestion: "Give each a name of its own.",
      });
    }
    names.add(name);
  }
}

function count(field: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new AegisError(
    "InvalidOption",
    `Cannot set ${field} to ${quote(String(value))}: use a whole number from 1`,
    {
      field,
    },
  );
}
