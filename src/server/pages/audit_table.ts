import { html } from "hono/html";
import type { Markup } from "./layout.ts";

/** The table of who did what. @param part the name under which a program finds its rows */
export function auditTable(part: string): Markup {
  return html`
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">Of what</th>
        </tr>
      </thead>
      <tbody data-part="${part}"></tbody>
    </table>
  `;
}
