import { type AegisEvent, EVENT_TYPES, type EventType, isEventType } from "../core/events.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/**
 * Is told of events, one after the other, on the thread and at the time at which they happen: the call waits until it
 * returns. One that throws, or whose promise is rejected, is not told of anything any more; the call does not notice, and
 * the error is in `AegisEvents.failures`.
 */
export interface EventSubscriber {
  /** The types that it wants; what nobody wants is not even looked at. @default all */
  readonly types?: readonly EventType[];
  /** Called with each event of those types. */
  readonly onEvent: (event: AegisEvent) => void;
}

/** The types of a filter, each once; all where nothing is said. @throws {AegisError} `InvalidOption` */
export function readEventTypes(types: readonly EventType[] | undefined): ReadonlySet<EventType> {
  if (types === undefined) return new Set(Object.keys(EVENT_TYPES) as EventType[]); // its own keys
  if (!Array.isArray(types)) throw unknownType(types);
  return new Set(types.map((type) => {
    if (typeof type !== "string" || !isEventType(type)) throw unknownType(type);
    return type;
  }));
}

/** A subscriber as an option or an argument. @throws {AegisError} `InvalidOption` */
export function readSubscriber(
  given: EventSubscriber | ((event: AegisEvent) => void),
): Required<EventSubscriber> {
  const subscriber = typeof given === "function" ? { onEvent: given } : given;
  if (typeof subscriber !== "object" || subscriber === null || typeof subscriber.onEvent !== "function") {
    throw new AegisError(
      "InvalidOption",
      "Cannot subscribe that: give a function, or an object with the method onEvent",
      {
        field: "subscribers",
      },
    );
  }
  return {
    types: [...readEventTypes(subscriber.types)],
    onEvent: (event) => subscriber.onEvent(event),
  };
}

/** @returns the error for a type that is none */
export function unknownType(type: unknown): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot listen for events of type ${quote(String(type))}: use one of ${
      Object.keys(EVENT_TYPES).join(", ")
    }`,
    { field: "types" },
  );
}
