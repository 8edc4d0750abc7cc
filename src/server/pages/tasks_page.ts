import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Tasks: all of them, one of them, executions of all, and one execution. The page's program shows one of the four. */
export function tasksPage(): Markup {
  return layout("tasks", {
    charts: true,
    main: html`${taskListView()}${executionsView()}${taskView()}${executionView()}`,
  });
}

/** The way between the two lists. */
function lists(here: "tasks" | "executions"): Markup {
  const current = html`
    aria-current="page"
  `;
  return html`
    <nav class="tabs" aria-label="Lists">
      <a href="/pages/tasks.html" ${here === "tasks" ? current : ""}>Tasks</a>
      <a href="/pages/tasks.html?view=executions" ${here === "executions" ? current : ""}>Executions</a>
    </nav>
  `;
}

function taskListView(): Markup {
  return html`
    <section class="view" data-part="view-tasks" aria-label="Tasks" hidden>
      <div class="title-row">
        <div class="named"><h1>Tasks</h1>${lists("tasks")}</div>
        <button type="button" class="primary" data-part="new-task">New task</button>
      </div>
      <div class="filters" data-part="tasks-filter"></div>
      <div class="panel list-panel">
        <div class="table-frame" data-part="tasks-table"></div>
        <p class="empty" data-part="tasks-empty" hidden></p>
        <div data-part="tasks-pager"></div>
        <div class="bulk-bar" data-part="tasks-bulk" hidden></div>
      </div>
    </section>
    <dialog class="wide" data-part="new-task-dialog" aria-labelledby="new-task-title"></dialog>
  `;
}

function executionsView(): Markup {
  return html`
    <section class="view" data-part="view-executions" aria-label="Executions" hidden>
      <div class="title-row">
        <div class="named"><h1>Executions</h1>${lists("executions")}</div>
        <div class="toolbar" data-part="executions-export"></div>
      </div>
      <div class="filters" data-part="executions-filter"></div>
      <div class="panel list-panel">
        <div class="table-frame" data-part="executions-table"></div>
        <p class="empty" data-part="executions-empty" hidden></p>
        <div data-part="executions-pager"></div>
      </div>
    </section>
  `;
}

function taskView(): Markup {
  return html`
    <section class="view" data-part="view-task" aria-label="Task" hidden>
      <nav class="trail" aria-label="Where this is"><a href="/pages/tasks.html">Tasks</a></nav>
      <div class="title-row">
        <div
          class="named"><h1 data-part="task-name">Task</h1><span data-part="task-badge" role="status"></span></div>
        <div class="toolbar" data-part="task-controls"></div>
      </div>
      <p class="panel empty" data-part="task-gone" hidden></p>
      <div class="view" data-part="task-body" hidden>
        <section class="panel" data-part="task-live" aria-labelledby="live-title" hidden>
          <div
            class="title-row"><h2 id="live-title">Now</h2><span class="soft" data-part="task-last"></span></div>
          <div data-part="task-meters"></div>
        </section>
        <div class="halves">
          <section class="panel" aria-labelledby="facts-title">
            <h2 id="facts-title">Facts</h2>
            <dl class="facts" data-part="task-facts"></dl>
          </section>
          <section class="panel" aria-labelledby="settings-title">
            <div class="title-row">
              <h2 id="settings-title">What it does</h2>
            </div>
            <dl class="facts" data-part="task-settings"></dl>
          </section>
        </div>
        <section class="panel" aria-labelledby="log-title">
          <h2 id="log-title">Log of the last execution</h2>
          <div data-part="task-log"></div>
        </section>
        <section class="panel" aria-labelledby="history-title">
          <div class="title-row">
            <h2 id="history-title" data-part="history-title">History</h2>
            <div class="toolbar" data-part="history-export"></div>
          </div>
          <h3>Durations</h3>
          <div class="scatter" data-part="task-scatter"></div>
          <div class="filters" data-part="history-filter"></div>
          <div class="table-frame" data-part="history-table"></div>
          <p class="empty" data-part="history-empty" hidden></p>
          <div data-part="history-pager"></div>
        </section>
        <section class="panel" aria-labelledby="schedules-title">
          <h2 id="schedules-title">Schedules</h2>
          <div data-part="task-schedules"></div>
        </section>
        <div class="halves">
          <section class="panel" aria-labelledby="limits-title">
            <div
              class="title-row"><h2 id="limits-title">Limits</h2><span class="soft" data-part="task-preset"></span></div>
            <div class="table-frame" data-part="task-limits"></div>
          </section>
          <section class="panel" aria-labelledby="grants-title">
            <h2 id="grants-title">What it may reach</h2>
            <div data-part="task-grants"></div>
          </section>
        </div>
      </div>
    </section>
  `;
}

function executionView(): Markup {
  return html`
    <section class="view" data-part="view-execution" aria-label="Execution" hidden>
      <nav class="trail" aria-label="Where this is">
          <a href="/pages/tasks.html?view=executions">Executions</a><a data-part="run-task"></a>
        </nav>
      <div class="title-row">
        <div
          class="named"><h1 data-part="run-name">Execution</h1><span data-part="run-badge" role="status"></span></div>
        <div class="toolbar" data-part="run-controls"></div>
      </div>
      <p class="panel empty" data-part="run-gone" hidden></p>
      <div class="view" data-part="run-body" hidden>
        <section class="panel outcome-panel" data-part="run-outcome" aria-label="Outcome"></section>
        <section aria-label="Meters" data-part="run-meters"></section>
        <section class="panel" aria-labelledby="timeline-title">
          <div class="title-row">
            <h2 id="timeline-title">Timeline</h2>
            <div class="toolbar" data-part="timeline-tools"></div>
          </div>
          <div data-part="timeline-picture"></div>
          <div data-part="timeline-list"></div>
        </section>
        <div class="halves">
          <section class="panel" aria-labelledby="run-facts-title">
            <h2 id="run-facts-title">Facts</h2>
            <dl class="facts" data-part="run-facts"></dl>
          </section>
          <section class="panel" aria-labelledby="run-values-title">
            <h2 id="run-values-title">Inputs and results</h2>
            <div data-part="run-values"></div>
          </section>
        </div>
        <section class="panel" aria-labelledby="run-log-title">
          <h2 id="run-log-title">Log</h2>
          <div data-part="run-log"></div>
        </section>
      </div>
    </section>
  `;
}
