/** The address of a list: which filter, which part of it. Steps are kept by the browser, so its back and forward work. */
import { type ListFilter, readFilter, type Status, writeFilter } from "./list_filter.ts";

export interface ListPlace {
  readonly filter: ListFilter;
  /** Where the part begins that is shown; undefined for the first. */
  readonly from: number | undefined;
  /** Beginnings of the parts before, the first left out; undefined behind a link, from where it goes back to the first. */
  readonly trail: readonly number[] | undefined;
}

export interface AddressOptions {
  readonly statuses: readonly Status[];
  /** What the query has beside the filter, such as the view. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Called when the browser goes back or forward. */
  readonly onMove: (place: ListPlace) => void;
}

export class ListAddress {
  readonly #options: AddressOptions;
  #place: ListPlace;

  constructor(options: AddressOptions) {
    this.#options = options;
    this.#place = this.#read();
    addEventListener("popstate", () => options.onMove(this.#place = this.#read()));
  }

  get place(): ListPlace {
    return this.#place;
  }

  /** Goes to the first part of another filter. @param replace whether it takes the place of this step */
  filter(filter: ListFilter, { replace = false }: { readonly replace?: boolean } = {}): void {
    this.#go({ filter, from: undefined, trail: [] }, replace);
  }

  next(from: number): void {
    const { filter, from: here, trail } = this.#place;
    this.#go({ filter, from, trail: here === undefined ? [] : trail && [...trail, here] }, false);
  }

  previous(): void {
    const { filter, trail } = this.#place;
    this.#go({ filter, from: trail?.at(-1), trail: trail?.slice(0, -1) ?? [] }, false);
  }

  #go(place: ListPlace, replace: boolean): void {
    this.#place = place;
    const query = writeFilter(place.filter);
    for (const [name, value] of Object.entries(this.#options.fixed ?? {})) query.set(name, value);
    if (place.from !== undefined) query.set("from", String(place.from));
    const search = query.toString(), url = search === "" ? location.pathname : `?${search}`;
    history[replace ? "replaceState" : "pushState"]({ trail: place.trail }, "", url);
  }

  #read(): ListPlace {
    const query = new URLSearchParams(location.search), from = query.get("from");
    return {
      filter: readFilter(query, this.#options.statuses),
      from: from !== null && /^\d{1,15}$/.test(from) ? Number(from) : undefined,
      trail: trailOf(history.state),
    };
  }
}

/** What this page has put there; other pages put nothing. */
function trailOf(state: unknown): number[] | undefined {
  if (typeof state !== "object" || state === null || !("trail" in state)) return undefined;
  const { trail } = state;
  return Array.isArray(trail) ? trail.filter((from) => typeof from === "number") : undefined;
}
