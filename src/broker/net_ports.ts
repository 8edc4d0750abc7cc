import type { NodeModules } from "./net_node.ts";

/** What the network broker needs of the world; tests give others. */
export interface NetPorts {
  readonly modules: NodeModules;
  /** Whether Deno lets this Worker connect to a host; asking must never make Deno ask a person. */
  readonly permitted: (host: string, port: number) => boolean;
  /** Milliseconds, never going back. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Ends after so many milliseconds. */
  readonly delay: (milliseconds: number) => Promise<void>;
}
