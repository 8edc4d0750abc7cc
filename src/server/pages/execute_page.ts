import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Execute. */
export function executePage(): Markup {
  return layout("execute", {
    charts: true,
    main: html`
      <div class="title-row">
        <h1>Execute</h1>
        <button type="button" class="primary" data-part="run-button" aria-keyshortcuts="Control+Enter" disabled>
          Run <span class="key" aria-hidden="true">Ctrl+Enter</span>
        </button>
      </div>
      <div class="execute">
        <div data-part="launch"></div>
        <div class="execute-side">
          <section class="panel" data-part="run" aria-label="Run"></section>
          <section class="panel elsewhere" data-part="elsewhere" aria-label="The same run elsewhere"></section>
        </div>
      </div>
    `,
  });
}
