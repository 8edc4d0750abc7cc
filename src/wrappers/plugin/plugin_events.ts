/** What happens to the plugins of a host. */

/** How a plugin is. */
export const PLUGIN_STATES = ["healthy", "unhealthy", "failed", "stopped"] as const;

/** One of {@linkcode PLUGIN_STATES}. */
export type PluginState = typeof PLUGIN_STATES[number];

/** What an event tells. */
export type PluginEventKind =
  | "started"
  | "stopped"
  /** A check of its health has failed. */
  | "checkFailed"
  /** It is as it should be, after it was not. */
  | "recovered"
  /** It failed too many checks, and was started anew. */
  | "restarted"
  /** It was started anew too often, and is left alone. */
  | "failed"
  /** Another version has taken its place. */
  | "upgraded"
  /** An earlier version has taken its place. */
  | "rolledBack"
  /** It has begun anew without what it knew. */
  | "stateLost"
  /** It asks for something that its host has not granted; for a person to see. */
  | "needs";

/** Something that happened to a plugin. */
export interface PluginEvent {
  /** What it is. */
  readonly kind: PluginEventKind;
  /** Its name. */
  readonly plugin: string;
  /** The version that runs now. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** More about it, in words. */
  readonly detail: string;
}
