// Generated from src/dashboard/theme_main.ts; do not edit: run "deno task gen".
/** Runs before a page is painted. */
export const THEME_SCRIPT: string =
  "var e=localStorage.getItem(\"aegis.theme\");(e===\"dark\"||e===\"light\")&&(document.documentElement.dataset.theme=e);\n";
