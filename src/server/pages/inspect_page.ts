import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Inspect. */
export function inspectPage(): Markup {
  return layout("inspect", {
    charts: false,
    main: html`
      <h1>Inspect</h1>
      <div data-part="inspect-chooser"></div>
      <p class="inspect-status" data-part="inspect-status" role="status"></p>
      <div data-part="inspect-head"></div>
      <div data-part="inspect-body"></div>
    `,
  });
}
