/** Counts in the text format that Prometheus reads, version 0.0.4. */
import type { TaskStats } from "../tasks/task_stats.ts";

interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly values: readonly (readonly [labels: string, value: number | bigint])[];
}

/** Counts of requests, by what they came to. */
export interface RequestCounts {
  /** By the first digit of the status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Connections that hear of events. */
  readonly listeners: number;
}

/** All metrics as text. */
export function metricsText(stats: TaskStats, requests: RequestCounts): string {
  const metrics: readonly Metric[] = [
    {
      name: "aegis_tasks",
      type: "gauge",
      help: "Tasks by state",
      values: Object.entries(stats.states).map(([state, count]) => [`{state="${state}"}`, count] as const),
    },
    {
      name: "aegis_queue_length",
      type: "gauge",
      help: "Tasks that wait for a guest",
      values: [["", stats.queued]],
    },
    { name: "aegis_live_tasks", type: "gauge", help: "Tasks that have a guest", values: [["", stats.live]] },
    {
      name: "aegis_executions_total",
      type: "counter",
      help: "Executions that ended",
      values: [["", stats.executions]],
    },
    {
      name: "aegis_failures_total",
      type: "counter",
      help: "Executions that failed or were cut off",
      values: [["", stats.failures]],
    },
    {
      name: "aegis_fuel_units_total",
      type: "counter",
      help: "Units of fuel consumed",
      values: [["", stats.fuel]],
    },
    {
      name: "aegis_host_calls_total",
      type: "counter",
      help: "Host calls of guests",
      values: [["", stats.hostCalls]],
    },
    {
      name: "aegis_store_bytes",
      type: "gauge",
      help: "Bytes of the database",
      values: [["", stats.storeSize]],
    },
    {
      name: "aegis_http_answers_total",
      type: "counter",
      help: "Answers by class of status",
      values: Object.entries(requests.answers).map(([digit, count]) =>
        [`{status="${digit}xx"}`, count] as const
      ),
    },
    {
      name: "aegis_event_listeners",
      type: "gauge",
      help: "Connections that hear of events",
      values: [["", requests.listeners]],
    },
  ];
  return metrics.map(({ name, type, help, values }) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${
      values.map(([labels, value]) => `${name}${labels} ${value}\n`).join("")
    }`
  ).join("");
}
