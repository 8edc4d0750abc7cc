import { html } from "hono/html";
import { auditTable } from "./audit_table.ts";
import { layout, type Markup } from "./layout.ts";

/** Monitor: what the server does, each second. */
export function monitorPage(): Markup {
  return layout("monitor", {
    charts: true,
    main: html`
      <div class="title-row">
        <h1>Monitor</h1>
        <div class="ranges" data-part="spans" role="group" aria-label="How much is shown"></div>
        <button type="button" data-part="pause-view" aria-pressed="false">Pause the view</button>
      </div>
      <section class="panel" aria-labelledby="now-title">
        <h2 id="now-title" class="visually-hidden">Now</h2>
        <dl class="fact-row now" data-part="now"></dl>
      </section>
      <div class="meter-grid">
        ${CHARTS.map(([name, title]) =>
          html`
            <section class="panel" aria-labelledby="${name}-title">
              <h2 id="${name}-title">${title}</h2>
              <div data-part="${name}-chart"></div>
            </section>
          `
        )}
      </div>
      <section class="panel" aria-labelledby="guests-title">
        <h2 id="guests-title">Running guests</h2>
        <p class="empty" data-part="no-guests">No task has a guest now.</p>
        <div class="table-frame" data-part="guests-frame" tabindex="0" role="region" aria-labelledby="guests-title"
          hidden>
          <table class="guests">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">State</th>
                <th scope="col">Engine</th>
                <th scope="col" class="number">Fuel</th>
                <th scope="col" class="number">Fuel a second</th>
                <th scope="col" class="number"
                  title="Share of the time in which it was let run; a busy machine did less for it">Active</th>
                <th scope="col" class="number">Memory</th>
                <th scope="col" class="number">Host calls</th>
                <th scope="col" class="number">Denials</th>
                <th scope="col" class="number">For</th>
                <th scope="col">Orders</th>
              </tr>
            </thead>
            <tbody data-part="guests"></tbody>
          </table>
        </div>
        <template data-part="sparkline">
          <svg class="sparkline" viewBox="0 0 72 18" aria-hidden="true">
            <polyline></polyline>
          </svg>
        </template>
        <h3>Waiting</h3>
        <ul class="queue" data-part="queue"></ul>
      </section>
      <section class="panel" aria-labelledby="log-title">
        <h2 id="log-title">Log of all tasks</h2>
        <div class="toolbar log-tools">
          <label>Source
            <select data-part="log-source"><option value="">All sources</option></select></label>
          <label>Level
            <select data-part="log-level"><option value="">All levels</option></select></label>
          <label class="log-search">Text or task
            <input type="search" data-part="log-text" data-search maxlength="200" autocomplete="off" spellcheck="false"></label>
          <button type="button" data-part="log-pause" aria-pressed="false">Pause</button>
          <button type="button" data-part="log-clear">Clear</button>
          <button type="button" data-part="log-end" hidden>To the end</button>
        </div>
        <div class="log tail" data-part="log" tabindex="0" role="region" aria-labelledby="log-title"></div>
        <p class="hint" data-part="log-notice"></p>
      </section>
      <div class="trails">
        <section class="panel" aria-labelledby="denials-title">
          <h2 id="denials-title">Denials</h2>
          <div class="table-frame trail" tabindex="0" role="region" aria-labelledby="denials-title">
            <table>
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Task</th>
                  <th scope="col">What was denied</th>
                  <th scope="col" class="number">Times</th>
                </tr>
              </thead>
              <tbody data-part="denials"></tbody>
            </table>
          </div>
        </section>
        <section class="panel" aria-labelledby="audit-title">
          <h2 id="audit-title">Audit</h2>
          <div class="table-frame trail" tabindex="0" role="region" aria-labelledby="audit-title">
            ${auditTable("audit")}
          </div>
        </section>
      </div>
    `,
  });
}

/** Parts of the page, and their titles. */
const CHARTS = [["cpu", "Processor"], ["memory", "Memory"], ["fuel", "Fuel"], ["tasks", "Tasks"]] as const;
