/** What the parts of the page have in common. */
import type { Policy } from "../api_types.ts";
import type { ModuleInspector } from "../inspector/inspector_client.ts";
import type { Place } from "./place.ts";
import type { ShownModule } from "./shown_module.ts";

/** A part of the page for one module. */
export interface ModuleView {
  readonly element: HTMLElement;
  /** What the key for searching leads to. */
  readonly search?: HTMLInputElement;
  /** Shows a place of it; called each time that it is led to. */
  show?(place: Place): void;
}

/** What such a part shows. */
export interface ViewContext {
  readonly module: ShownModule;
  readonly inspector: ModuleInspector;
  /** What tasks may do on this server; undefined where it has not said so. */
  readonly policy: Policy | undefined;
  /** Told of a question that was not answered. */
  readonly fail: (error: unknown) => void;
}
