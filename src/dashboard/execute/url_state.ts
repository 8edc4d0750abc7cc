/** What the page's address says, so that other pages can link to it. */
export interface PageAddress {
  /** Hash of a module that the server keeps. */
  readonly module: string | undefined;
  readonly function: string | undefined;
  /** Id of a task to show. */
  readonly task: string | undefined;
}

/** Reads the part of an address behind `?`. What cannot be is left out. */
export function readAddress(search: string): PageAddress {
  const query = new URLSearchParams(search),
    module = query.get("module") ?? "",
    task = query.get("task") ?? "";
  return {
    module: /^[0-9a-f]{64}$/.test(module) ? module : undefined,
    function: query.get("function") ?? undefined,
    task: /^[0-9a-f-]{1,100}$/.test(task) ? task : undefined,
  };
}

/** The same as text, with the question mark; empty for nothing. */
export function addressText({ module, function: name, task }: PageAddress): string {
  const query = new URLSearchParams();
  if (module !== undefined) query.set("module", module);
  if (name !== undefined) query.set("function", name);
  if (task !== undefined) query.set("task", task);
  return query.size === 0 ? "" : `?${query}`;
}
