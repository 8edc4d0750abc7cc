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
          <h1>Tasks</h1>
          ${lists("tasks")}
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
  `;
}

function executionsView(): Markup {
  return html`
    <section class="view" data-part="view-executions" aria-label="Executions" hidden>
      <div class="title-row">
          <h1>Executions</h1>
          ${lists("executions")}
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
  return html`<section class="view" data-part="view-task" aria-label="Task" hidden></section>`;
}

function executionView(): Markup {
  return html`<section class="view" data-part="view-execution" aria-label="Execution" hidden></section>`;
}
