/**
 * Who has signed in: the token, where it is kept, and the dialog that asks for one. It is kept by the browser for this very
 * origin, port included, which a cookie would not be: other servers of the machine would get it, too.
 */
import { type ApiError, errorText } from "./api_error.ts";
import { part } from "./dom.ts";

/** The key under which the token is kept. */
const KEY = "aegis.token";

/** Keeps a token for this tab, or for this browser. */
export class TokenStore {
  read(): string | undefined {
    return sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? undefined;
  }

  write(token: string, stay: boolean): void {
    this.clear();
    (stay ? localStorage : sessionStorage).setItem(KEY, token);
  }

  clear(): void {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  }
}

/** The dialog. All who wait for a token share one. */
export class SignIn {
  readonly #store: TokenStore;
  readonly #dialog: HTMLDialogElement = part("sign-in", HTMLDialogElement);
  readonly #field: HTMLInputElement = part("sign-in-token", HTMLInputElement);
  readonly #stay: HTMLInputElement = part("sign-in-stay", HTMLInputElement);
  readonly #problem: HTMLElement = part("sign-in-problem", HTMLElement);
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(store: TokenStore) {
    this.#store = store;
    // One that nobody can do without is not dismissed with a key.
    this.#dialog.addEventListener("cancel", (event) => event.preventDefault());
    part("sign-in-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#try();
    });
  }

  /** Ends when there is another token. @param error why one is asked for */
  ask(error: ApiError): Promise<void> {
    if (this.#waiting !== undefined) return this.#waiting.promise;
    this.#waiting = Promise.withResolvers();
    this.#tell(this.#store.read() === undefined ? "" : errorText(error));
    this.#store.clear();
    document.documentElement.dataset["ready"] = "sign-in";
    this.#dialog.showModal();
    this.#field.focus();
    return this.#waiting.promise;
  }

  async #try(): Promise<void> {
    const token = this.#field.value.trim();
    if (!/^[\x21-\x7e]{1,200}$/.test(token)) {
      this.#tell("Give the token that the server printed at its first start.");
      return;
    }
    try {
      const response = await fetch("/api/v1/session", { headers: { Authorization: `Bearer ${token}` } });
      if (!response.ok) {
        this.#tell(
          response.status === 401
            ? "The server does not know this token."
            : `The server refused it, with status ${response.status}: wait a moment.`,
        );
        this.#field.select();
        return;
      }
    } catch {
      this.#tell("The server does not answer.");
      return;
    }
    this.#store.write(token, this.#stay.checked);
    this.#field.value = "";
    this.#tell("");
    this.#dialog.close();
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #tell(problem: string): void {
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
    this.#field.setAttribute("aria-invalid", String(problem !== ""));
  }
}
