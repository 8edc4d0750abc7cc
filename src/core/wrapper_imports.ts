/** Functions that single wrappers offer to guests, beside those that every run offers. */
import type { Signature } from "./signature.ts";

/** By the module and the name under which guests import them. */
export const WRAPPER_IMPORTS = {
  /** Of what `aegis mcp` and `mcpServer` call. */
  "aegis:mcp": {
    /** Done, total (0 where it is not known), a message. */
    progress: { params: ["f64", "f64", "string"], results: [] },
    /** 1 when nobody waits for the answer any more. */
    cancelled: { params: [], results: ["i32"] },
  },
  /** Of plugins that depend on others. */
  "aegis:plugin": {
    /** Plugin, function, list of arguments; the answer has a value or an error. */
    call: { params: ["string", "string", "json"], results: ["json"] },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Signature>>>>;
