/** Buttons that save executions as a file. Who may only look may have them, too. */
import type { Api, Query } from "../api.ts";
import { element, fill } from "../dom.ts";
import { attempt } from "../notices.ts";

const FORMATS = { jsonl: "JSON lines", csv: "CSV" } as const;

/**
 * @param query which executions, at the moment of the click
 * @param name of the file, without what says its form
 */
export function exportButtons(
  place: HTMLElement,
  { api, query, name }: { readonly api: Api; readonly query: () => Query; readonly name: string },
): void {
  fill(
    place,
    Object.entries(FORMATS).map(([format, label]) => {
      const save = async () => {
        button.disabled = true; // a large file takes a while
        await attempt(() => api.save("/executions/export", { ...query(), format }, `${name}.${format}`));
        button.disabled = false;
      };
      const button = element(
        "button",
        { type: "button", class: "small", onclick: () => void save() },
        `Export ${label}`,
      );
      return button;
    }),
  );
}
