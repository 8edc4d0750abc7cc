/** What a server without tasks says: how to get the first one. */
import { part } from "../dom.ts";
import { attempt } from "../notices.ts";

export class FirstStep {
  readonly #panel: HTMLElement = part("first-step", HTMLElement);

  constructor() {
    const command = `aegis task add examples/simple.wasm --name my-task --start --server ${location.origin}`;
    part("command", HTMLElement).textContent = command;
    part("copy-command", HTMLButtonElement).addEventListener(
      "click",
      () => void attempt(() => navigator.clipboard.writeText(command), "Copied"),
    );
  }

  /** @param tasks how many there are */
  show(tasks: number): void {
    this.#panel.hidden = tasks > 0;
  }
}
