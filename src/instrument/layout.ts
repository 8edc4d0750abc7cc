/** What the guest must know of an instrumented module to run it. Plain data: it travels from the prepare Worker to the guest. */
import type { ExportDescription, ExternalType, ImportDescription } from "../wasm/external_type.ts";
import { I32, I64, type ValueType } from "../wasm/types.ts";

/** Slots of the private table through which instrumented code reaches the shim. The numbers stand in generated code. */
export const HOOKS = { refuel: 0, stack: 1, growMemory: 2, growTable: 3, unwound: 4 } as const;

/** A key of {@linkcode HOOKS}. */
export type HookName = keyof typeof HOOKS;

/** What hooks are called with. */
export const HOOK_TYPES: Readonly<
  Record<HookName, { params: readonly ValueType[]; results: readonly ValueType[] }>
> = {
  refuel: { params: [], results: [] },
  stack: { params: [], results: [] },
  unwound: { params: [], results: [] },
  growMemory: { params: [I32, I64], results: [I32] },
  growTable: { params: [I32, I64], results: [I32] },
};

/** Names under which the shim exports what it wraps: hooks under their own, imports under their number. */
export const SHIM_EXPORTS = {
  dead: "dead",
  hook: (name: HookName): string => name,
  function: (index: number): string => String(index),
} as const;

/**
 * Module name of every import, of the shim and of the instrumented module; the other name is the import's number. So
 * two imports of one name and different types, or a name such as `__proto__`, are nothing special.
 */
export const IMPORT_MODULE = "import";

/** Name of the shim in V8's stack traces, so that its frames can be left out. */
export const SHIM_NAME = "aegis-shim";

/** What labels of modules begin with; letters and digits follow. */
export const LABEL_PREFIX = "aegis-module-";

/** A memory or table: its hidden export and its type as the original module declares it. */
export interface LayoutItem<Kind extends "memory" | "table"> {
  readonly exportName: string;
  readonly type: Extract<ExternalType, { kind: Kind }>;
}

export interface Layout {
  /** Name of the module in V8's stack traces: tells the frames of one module from those of another. */
  readonly label: string;
  /** Names of the added exports; none equals a name that the module exports itself. */
  readonly added: {
    /** i64: fuel left in the current slice. */
    readonly fuel: string;
    /** i32: bytes of counted frames on the stack. */
    readonly stackUsed: string;
    /** i32: bytes above which the stack hook is called. */
    readonly stackCap: string;
    /** i32: 1 when other modules run on the same stack, so that handlers call the unwound hook. */
    readonly stackShared: string;
    /** Table of the hooks. */
    readonly hooks: string;
    /** The function that applies the active segments; absent when the module has none. It comes before the start function. */
    readonly initialise?: string;
    /** The start function; absent when the module has none. */
    readonly start?: string;
  };
  readonly memories: readonly LayoutItem<"memory">[];
  readonly tables: readonly LayoutItem<"table">[];
  /** The original imports, in order. */
  readonly imports: readonly ImportDescription[];
  /** The original exports, in order. Linking sees these and nothing else. */
  readonly exports: readonly ExportDescription[];
  /** Functions of the original index space: what comes after is ours. */
  readonly functionCount: number;
  /** Fuel that instantiation costs, the start function apart: active segments, globals, table elements. */
  readonly instantiationCost: number;
}
