import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Tasks. */
export function tasksPage(): Markup {
  return layout("tasks", {
    charts: true,
    main: html`<h1>Tasks</h1>`,
  });
}
