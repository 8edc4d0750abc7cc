import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Monitor. */
export function monitorPage(): Markup {
  return layout("monitor", {
    charts: true,
    main: html`<h1>Monitor</h1>`,
  });
}
