/** What all pages share: head, navigation, dialogs. The HTML holds no data, and is the same for everybody. */
import { html } from "hono/html";

/** Markup whose values were escaped. */
export type Markup = ReturnType<typeof html>;

/** The pages, in the order of the navigation. */
export const PAGES = {
  dashboard: { path: "/", title: "Dashboard", key: "d" },
  tasks: { path: "/pages/tasks.html", title: "Tasks", key: "t" },
  execute: { path: "/pages/execute.html", title: "Execute", key: "e" },
  inspect: { path: "/pages/inspect.html", title: "Inspect", key: "i" },
  monitor: { path: "/pages/monitor.html", title: "Monitor", key: "m" },
} as const;

/** A key of {@linkcode PAGES}. */
export type PageName = keyof typeof PAGES;

/** A page. @param charts whether it draws some */
export function layout(
  name: PageName,
  { main, charts }: { readonly main: Markup; readonly charts: boolean },
): Markup {
  const { title } = PAGES[name];
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>${title} – Aegis</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
        ${charts ? html`<link rel="stylesheet" href="/assets/uplot.css">` : ""}
        <link rel="stylesheet" href="/assets/style.css">
    <link rel="stylesheet" href="/assets/${name}.css">
        <script src="/assets/theme.js"></script>
        ${charts ? html`<script src="/assets/uplot.js" defer></script>` : ""}
        <script type="module" src="/assets/${name}.js"></script>
          </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="head">
          <a class="brand"
            href="/"><img src="/assets/icon.svg" alt="" width="24" height="24">Aegis <small data-part="version"></small></a>
          <nav aria-label="Pages">
            <ul>
        ${Object.entries(PAGES).map(([key, page]) =>
          html`
            <li><a href="${page.path}"${key === name
              ? html`
                aria-current="page"
              `
              : ""}>${page.title}</a></li>
          `
        )}</ul>
          </nav>
          <div class="head-tools">
            <span class="connection" data-part="connection" data-state="connecting"
              role="status">Connecting</span>
            <span class="read-only" data-part="read-only" hidden>Read-only</span>
            <button type="button" class="quiet" data-part="theme" aria-label="Theme">◐</button>
            <button type="button" class="quiet" data-part="help" aria-label="Keys" title="Keys">?</button>
            <span class="user" data-part="user"></span>
            <button type="button" class="quiet" data-part="sign-out" hidden>Sign out</button>
          </div>
        </header>
        <noscript><p class="empty">These pages show what the server tells them, and need JavaScript for that.</p></noscript>
        <main id="main" tabindex="-1">
        ${main}
            </main>
        <div class="notices" data-part="notices"></div>
        <dialog class="sign-in" data-part="sign-in" aria-labelledby="sign-in-title">
          <form data-part="sign-in-form" novalidate>
            <h2 id="sign-in-title">Sign in</h2>
            <p>The server printed a token when it was first started. <code>aegis server --new-token</code> makes another one.</p>
            <label for="sign-in-token">Token</label>
            <input id="sign-in-token" data-part="sign-in-token" type="password" autocomplete="current-password"
              spellcheck="false" required aria-describedby="sign-in-problem">
            <p class="problem" id="sign-in-problem" data-part="sign-in-problem" role="alert" hidden></p>
            <label
              class="check"><input type="checkbox" data-part="sign-in-stay"> Keep me signed in on this browser</label>
            <div class="actions"><button class="primary">Sign in</button></div>
          </form>
        </dialog>
        <dialog class="shortcuts" data-part="shortcuts" aria-labelledby="shortcuts-title">
          <h2 id="shortcuts-title">Keys</h2>
          <dl data-part="shortcut-list"></dl>
          <div class="actions"><button type="button" data-part="shortcuts-close">Close</button></div>
        </dialog>
      </body>
    </html>
  `;
}
