/** The program of the page Dashboard: how things are at a glance. */
import type { Meters, Stats } from "./api_types.ts";
import { startPage } from "./frame.ts";
import { Activity } from "./overview/activity.ts";
import { ExecutionCharts } from "./overview/execution_charts.ts";
import { FirstStep } from "./overview/first_step.ts";
import { HealthPanel } from "./overview/health_panel.ts";
import { MemoryPanel } from "./overview/memory_panel.ts";
import { StateTiles } from "./overview/state_tiles.ts";
import { soon } from "./soon.ts";
import { type EventHandlers, handleEvent } from "./task_events.ts";
import { TaskNames } from "./task_names.ts";

/** Milliseconds between two looks at counts, at lists and sums, and at what changes by itself. */
const COUNTS = 300, LISTS = 2000, BY_ITSELF = 30_000;

await startPage(({ api, session, now }) => {
  const names = new TaskNames(api), tiles = new StateTiles(), charts = new ExecutionCharts({ api, now });
  const memory = new MemoryPanel(), activity = new Activity(api, names), firstStep = new FirstStep();
  const health = new HealthPanel(api, { session, names });

  const showCounts = async () => {
    const stats = await api.get<Stats>("/stats");
    tiles.show(stats);
    memory.showStats(stats);
    charts.showStats(stats);
    firstStep.show(stats.tasks);
    return stats;
  };
  const showHealth = async () => await health.refresh(await showCounts());
  const showLists = async () => void await Promise.all([charts.refresh(), activity.refreshExecutions()]);
  const countsSoon = soon(async () => void await showCounts(), COUNTS), listsSoon = soon(showLists, LISTS);
  const healthSoon = soon(showHealth, LISTS);
  setInterval(() => {
    listsSoon();
    healthSoon();
  }, BY_ITSELF);

  const handlers: EventHandlers = {
    ...activity.handlers,
    task_state: (data) => {
      activity.handlers.task_state?.(data);
      countsSoon();
    },
    task_created: (data) => {
      activity.handlers.task_created?.(data);
      countsSoon();
    },
    task_removed: (data) => {
      activity.handlers.task_removed?.(data);
      countsSoon();
      listsSoon();
    },
    execution_started: listsSoon,
    execution_finished: () => {
      listsSoon();
      healthSoon();
    },
    store_error: (data) => {
      activity.handlers.store_error?.(data);
      healthSoon();
    },
    meters: ({ sample, guests }) => memory.add(sample, guests),
  };
  return {
    query: { meters: true, audit: true },
    onState: (state) => health.showConnection(state),
    refresh: async () => {
      const meters = api.get<Meters>("/meters").then((meters) => memory.showMeters(meters));
      await Promise.all([showHealth(), charts.refresh(), activity.refresh(), meters]);
    },
    onEvent: (type, data) => handleEvent(handlers, type, data),
  };
});
