/** What tests of events share: a guest that does a little of everything, and who listens to it. */
import type { AegisEvent, EventOf, EventType, Sandbox } from "../../mod.ts";
import { COUNT, SPIN } from "./started.ts";

export const FIELDS = `(import "env" "host" (func $host (param i32) (result i32)))
  (memory (export "memory") 1 8) ${COUNT} ${SPIN}
  (func (export "one") (param i32) (result i32) (call $host (local.get 0)))
  (func (export "grow_and_call") (param i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (drop (call $host (local.get 0)))
    (drop (memory.grow (i32.const 2)))
    (i32.const 0))
  (func (export "trap") unreachable)`;

export const PAGE = 65536;
export const OFFERS = { offers: { "env.host(i32)->i32": (value: number) => value + 1 } };

/** All that a sandbox tells, from now on. */
export function heard(sandbox: Sandbox): AegisEvent[] {
  const events: AegisEvent[] = [];
  sandbox.events.subscribe((event) => events.push(event));
  return events;
}

export function ofType<Type extends EventType>(events: readonly AegisEvent[], type: Type): EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

export function types(events: readonly AegisEvent[]): EventType[] {
  return events.map(({ type }) => type);
}
