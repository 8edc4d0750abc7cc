import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Execute. */
export function executePage(): Markup {
  return layout("execute", {
    charts: true,
    main: html`
      <h1>Execute</h1>
      <div class="execute">
        <div data-part="launch"></div>
        <div data-part="run"></div>
      </div>
    `,
  });
}
