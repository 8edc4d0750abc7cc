import { element } from "./dom.ts";

/** Asks before something is done that cannot be taken back. @returns whether the person wants it */
export async function confirmed(
  { title, text, action }: { readonly title: string; readonly text: string; readonly action: string },
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const close = (answer: boolean) => () => {
    resolve(answer);
    dialog.close();
  };
  const dialog: HTMLDialogElement = element(
    "dialog",
    { class: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
    element("h2", { id: "confirm-title" }, title),
    element("p", { id: "confirm-text" }, text),
    element(
      "div",
      { class: "actions" },
      element("button", { type: "button", onclick: close(false), autofocus: true }, "Cancel"),
      element("button", { type: "button", class: "danger", onclick: close(true) }, action),
    ),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    resolve(false); // by Escape
    dialog.remove();
  });
  dialog.showModal();
  return await promise;
}
