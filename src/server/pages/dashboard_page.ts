import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Dashboard. */
export function dashboardPage(): Markup {
  return layout("dashboard", {
    charts: true,
    main: html`<h1>Dashboard</h1>`,
  });
}
