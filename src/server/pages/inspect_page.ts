import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Inspect. */
export function inspectPage(): Markup {
  return layout("inspect", {
    charts: false,
    main: html`<h1>Inspect</h1>`,
  });
}
