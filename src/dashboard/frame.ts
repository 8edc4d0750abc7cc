/** What every page has: who has signed in, how the connection stands, theme, keys. Its parts stand in the page's HTML. */
import { Api, type Query } from "./api.ts";
import { ApiError, errorText } from "./api_error.ts";
import type { Session } from "./api_types.ts";
import { part } from "./dom.ts";
import { type WorkerProgram, workerStarter } from "./inspector/start_worker.ts";
import { LiveEvents, type LiveState } from "./live.ts";
import { notice } from "./notices.ts";
import { type Shortcut, startShortcuts } from "./shortcuts.ts";
import { SignIn, TokenStore } from "./sign_in.ts";
import { startThemeButton } from "./theme.ts";

/** What a page works with. */
export interface PageFrame {
  readonly api: Api;
  /** Who has signed in, when the page began. */
  readonly session: Session;
  /** Whether nothing may be changed. */
  readonly readOnly: boolean;
  /** Milliseconds since 1970 by the server's clock, whatever the browser's says. */
  readonly now: () => number;
  /** Starts one of the page's Workers. */
  readonly startWorker: (program: WorkerProgram) => Worker;
}

/** What a page does. */
export interface PageProgram {
  /** Which events it hears beside those of tasks: `task`, `meters`, `audit`. @default all tasks */
  readonly query?: Query;
  /** Shows everything anew: called when a connection begins, after each break too. */
  readonly refresh: () => Promise<void>;
  /** Told of each event. */
  readonly onEvent?: (type: string, data: unknown) => void;
  /** Told how the connection stands, whenever that changes. */
  readonly onState?: (state: LiveState) => void;
  readonly shortcuts?: readonly Shortcut[];
}

const CONNECTION: Readonly<Record<LiveState, string>> = {
  connecting: "Connecting",
  live: "Live",
  lost: "Connection lost, trying again",
  crowded: "Not live: looks every 5 s",
};

/**
 * Starts a page. `html[data-ready]` is `true` once its first data is shown, and `sign-in` while it asks for a token.
 *
 * @param setUp makes the page's program once somebody has signed in
 */
export async function startPage(
  setUp: (frame: PageFrame) => PageProgram | Promise<PageProgram>,
): Promise<void> {
  startThemeButton();
  const store = new TokenStore(), signIn = new SignIn(store);
  const api = new Api({ token: () => store.read(), signIn: (error) => signIn.ask(error) });
  const session = await sessionOf(api);
  showSession(session, store);
  const ahead = session.now - Date.now();
  const frame: PageFrame = {
    api,
    session,
    readOnly: session.role !== "admin",
    now: () => Date.now() + ahead,
    startWorker: starter(),
  };
  const program = await setUp(frame);
  startShortcuts(program.shortcuts ?? []);
  new LiveEvents(api, {
    query: program.query ?? {},
    onEvent: (type, data) => program.onEvent?.(type, data),
    onState: (state) => {
      showConnection(state);
      program.onState?.(state);
    },
    onConnect: () => void refreshed(program),
  });
}

/** Made with the first Worker, and once: the page's policy admits it once. */
function starter(): PageFrame["startWorker"] {
  let start: PageFrame["startWorker"] | undefined;
  return (program) => (start ??= workerStarter())(program);
}

/** Who has signed in: asked again and again while the server does not answer. */
async function sessionOf(api: Api): Promise<Session> {
  for (;;) {
    try {
      return await api.get<Session>("/session");
    } catch {
      showConnection("lost");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function refreshed(program: PageProgram): Promise<void> {
  try {
    await program.refresh();
  } catch (error) {
    // That the server is away again is told by the state of the connection, and ends by itself.
    if (!(error instanceof ApiError && error.code === "Unreachable")) notice(errorText(error), "failed");
  }
  document.documentElement.dataset["ready"] = "true";
}

function showSession({ name, role, auth, version }: Session, store: TokenStore): void {
  document.documentElement.dataset["role"] = role;
  part("user", HTMLElement).textContent = auth ? name : "no sign-in";
  part("read-only", HTMLElement).hidden = role === "admin";
  part("version", HTMLElement).textContent = version;
  const leave = part("sign-out", HTMLButtonElement);
  leave.hidden = !auth;
  leave.addEventListener("click", () => {
    store.clear();
    location.reload();
  });
  // Who leaves in one tab leaves in all that have the same token.
  addEventListener("storage", () => {
    if (auth && store.read() === undefined) location.reload();
  });
}

function showConnection(state: LiveState): void {
  const shown = part("connection", HTMLElement);
  shown.dataset["state"] = state;
  shown.textContent = CONNECTION[state];
}
