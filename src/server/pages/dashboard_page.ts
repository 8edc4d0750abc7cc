import { html } from "hono/html";
import { auditTable } from "./audit_table.ts";
import { layout, type Markup } from "./layout.ts";

/** Dashboard: how things are at a glance. */
export function dashboardPage(): Markup {
  return layout("dashboard", {
    charts: true,
    main: html`
      <h1>Dashboard</h1>
      <section class="panel first-step" data-part="first-step" aria-labelledby="first-step-title" hidden>
        <h2 id="first-step-title">Run a first task</h2>
        <p>This server has no task yet. A task is a WebAssembly module and how to run it.</p>
        <ul>
          <li>
            <p>Bring a module in the browser, or write one as text, and run it:</p>
            <p><a class="button primary" href="/pages/execute.html">Open Execute</a></p>
          </li>
          <li>
            <p>Or add one from a shell, here one of the examples that come with Aegis. The token is in
              <code>AEGIS_TOKEN</code>.</p>
            <p class="command"><code data-part="command"></code>
              <button type="button" class="small" data-part="copy-command">Copy</button></p>
          </li>
          <li>
            <p>Or look first at what a module imports, exports and would ask for:
              <a href="/pages/inspect.html">Inspect</a></p>
          </li>
        </ul>
      </section>
      <section aria-labelledby="tiles-title">
        <h2 id="tiles-title" class="visually-hidden">Tasks by state</h2>
        <div class="tiles state-tiles" data-part="tiles"></div>
      </section>
      <section class="panel" aria-labelledby="executions-title">
        <div class="title-row">
          <h2 id="executions-title">Executions</h2>
          <div class="ranges" data-part="ranges" role="group" aria-label="How far back"></div>
        </div>
        <dl class="fact-row" data-part="range-facts"></dl>
        <div data-part="executions-chart"></div>
      </section>
      <div class="grid">
        <section class="panel" aria-labelledby="fuel-title">
          <h2 id="fuel-title">Fuel</h2>
          <dl class="fact-row" data-part="fuel-facts"></dl>
          <div data-part="fuel-chart"></div>
        </section>
        <section class="panel" aria-labelledby="memory-title">
          <h2 id="memory-title">Memory</h2>
          <dl class="fact-row" data-part="memory-facts"></dl>
          <div data-part="memory-chart"></div>
        </section>
      </div>
      <section class="panel" aria-labelledby="health-title">
        <h2 id="health-title">Health</h2>
        <div class="health">
          <dl class="fact-row" data-part="health"></dl>
          <div>
            <h3>Next by the clock</h3>
            <ul class="schedules" data-part="schedules"></ul>
          </div>
        </div>
      </section>
      <div class="activity">
        <section class="panel" aria-labelledby="latest-title">
          <div class="title-row">
            <h2 id="latest-title">Latest executions</h2>
            <a href="/pages/tasks.html">All tasks</a>
          </div>
          <div class="table-frame" tabindex="0" role="region" aria-labelledby="latest-title">
            <table>
              <thead>
                <tr>
                  <th scope="col">Status</th>
                  <th scope="col">Task</th>
                  <th scope="col">Began</th>
                  <th scope="col" class="number">Took</th>
                  <th scope="col" class="number">Fuel</th>
                </tr>
              </thead>
              <tbody data-part="executions"></tbody>
            </table>
          </div>
        </section>
        <section class="panel" aria-labelledby="events-title">
          <div class="title-row">
            <h2 id="events-title">Latest events</h2>
            <a href="/pages/monitor.html">Monitor</a>
          </div>
          <div class="table-frame" tabindex="0" role="region" aria-labelledby="events-title">
            ${auditTable("events")}
          </div>
        </section>
      </div>
    `,
  });
}
