/** The program of the page Monitor: what the server does, each second. */
import type { Execution, GuestMeters, Log, Meters, Page } from "./api_types.ts";
import { startPage } from "./frame.ts";
import { AuditTrail } from "./monitor/audit_trail.ts";
import { DenialList } from "./monitor/denial_list.ts";
import { GuestTable } from "./monitor/guest_table.ts";
import { LogTail } from "./monitor/log_tail.ts";
import { MeterCharts } from "./monitor/meter_charts.ts";
import { QueueList } from "./monitor/queue_list.ts";
import { ViewControls } from "./monitor/view_controls.ts";
import { SampleHistory } from "./sample_history.ts";
import { soon } from "./soon.ts";
import { type EventHandlers, handleEvent } from "./task_events.ts";
import { TaskNames } from "./task_names.ts";

/** Milliseconds between two looks at the queue. */
const QUEUE = 500;

/** Executions under way whose logs are looked at when the page begins. */
const MOST_LOGS = 20;

await startPage(({ api, readOnly }) => {
  const names = new TaskNames(api), history = new SampleHistory(), charts = new MeterCharts();
  const guestTable = new GuestTable({ api, readOnly }), queue = new QueueList(api);
  const denials = new DenialList(names), audit = new AuditTrail(api, names), log = new LogTail(names);
  let guests: readonly GuestMeters[] = [];

  const draw = () => {
    if (view.paused) return;
    charts.show(history, view.span);
    guestTable.show(guests, history.samples.at(-1)?.time ?? Date.now());
  };
  const view = new ViewControls(draw), queueSoon = soon(() => queue.refresh(), QUEUE);

  const handlers: EventHandlers = {
    meters: (reading) => {
      history.add(reading.sample, reading.guests);
      guests = reading.guests;
      draw();
    },
    audit: (record) => audit.add(record),
    denial: (denial) => void denials.add(denial),
    log: (line) => log.add(line),
    missed: ({ count }) => log.addMissed(count),
    task_created: ({ task, name }) => names.learn(task, name),
    task_removed: ({ task, name }) => {
      names.learn(task, name);
      queueSoon();
    },
    task_state: ({ task, to }) => {
      if (!view.paused) guestTable.showState(task, to);
      queueSoon();
    },
    execution_finished: ({ execution }) => {
      guests = guests.filter((guest) => guest.execution !== execution.id);
      if (!view.paused) guestTable.remove(execution.id);
    },
  };
  return {
    query: { meters: true, audit: true },
    refresh: async () => {
      const readMeters = async () => {
        const meters = await api.get<Meters>("/meters");
        history.begin(meters.samples);
        guests = meters.guests;
        draw();
      };
      const readLogs = async () => {
        // Of the last sample some may be missing, which began and have spoken since.
        const { items } = await api.get<Page<Execution>>("/executions", {
          status: "running",
          limit: MOST_LOGS,
        });
        await Promise.all(items.map(readLog));
      };
      const readLog = async ({ task, id: execution }: Execution) => {
        // One that has been removed in the meantime has none.
        const { lines } = await api.get<Log>(`/executions/${execution}/logs`).catch(() => ({ lines: [] }));
        lines.forEach((line, index) => log.add({ task, execution, line, index }));
      };
      await Promise.all([readMeters(), readLogs(), queue.refresh(), audit.refresh()]);
    },
    onEvent: (type, data) => handleEvent(handlers, type, data),
    shortcuts: [
      { keys: "p", doc: "Pause the view, or let it go on", run: () => view.toggle() },
      { keys: "l", doc: "Pause the log, or let it go on", run: () => log.toggle() },
    ],
  };
});
