/** Everything that a run of the benchmark measures; what was left out is absent. This is what `--json` writes. */
import type { Cost } from "./cost.ts";
import type { KillLatency } from "./kills.ts";
import type { Growth } from "./sizes.ts";
import type { MemoryUse, Throughput } from "./throughput.ts";

export interface Results {
  readonly deno: string;
  readonly v8: string;
  readonly quick: boolean;
  readonly costs?: readonly Cost[];
  readonly sizes?: readonly Growth[];
  /** Of a module of `size` bytes. */
  readonly pipeline?: { readonly size: number; readonly stages: readonly Throughput[] };
  readonly memory?: readonly MemoryUse[];
  readonly kills?: readonly KillLatency[];
}
