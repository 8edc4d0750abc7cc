/** Where a browser is that the tests can drive. As a program it prints that place, and fails where there is none. */

/** Usual places of Chromium and its relatives, by operating system. */
const PLACES: Partial<Record<typeof Deno.build.os, readonly string[]>> = {
  linux: [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/snap/bin/chromium",
    "/usr/bin/google-chrome-stable",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/usr/bin/microsoft-edge",
  ],
  darwin: [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  windows: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether it starts: it does not where a library is missing. On Windows it would open a window to say its version. */
export function canRun(path: string): boolean {
  if (Deno.build.os === "windows") return true;
  try {
    return new Deno.Command(path, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/**
 * @param named what the variable AEGIS_CHROMIUM says: the path of a browser, or `none` to go without
 * @returns the path of its program; undefined where there is none
 * @throws {Error} where one is named that is not there
 */
export function findChromium(
  named: string | undefined,
  { os = Deno.build.os, exists = isFile }: {
    readonly os?: typeof Deno.build.os;
    readonly exists?: (path: string) => boolean;
  } = {},
): string | undefined {
  if (named === "none") return undefined;
  if (named === undefined || named === "") return PLACES[os]?.find(exists);
  if (exists(named)) return named;
  throw new Error(
    `Cannot use AEGIS_CHROMIUM "${named}": there is no such file; name a Chromium, or "none" to go without`,
  );
}

if (import.meta.main) {
  const path = findChromium(Deno.env.get("AEGIS_CHROMIUM"));
  if (path !== undefined) console.log(path);
  Deno.exit(path === undefined ? 1 : 0);
}
