/** Tests that have to fail, and one that has to pass: what `rig_test.ts` runs in a process of its own. */
import { TestBrowser } from "./browser.ts";

const browser = new TestBrowser(() => Promise.reject(new Error("no test asks for a server")));

const page = (script: string) => `data:text/html,<title>A page</title><script>${script}</script>`;

browser.test("passes", async ({ page: tab }) => {
  await tab.goto(page("console.error('said')"));
}, { expected: [/said/] });

browser.test("fails by a fault that it does not look at", async ({ page: tab }) => {
  await tab.goto(page("console.error('said')"));
});

browser.test("fails by an error in another page of its context", async ({ context }) => {
  await (await context.newPage()).goto(page("setTimeout(() => { throw new Error('thrown') })"));
});

browser.test("fails by itself, and tells the faults", async ({ page: tab }) => {
  await tab.goto(page("console.error('the cause')"));
  throw new Error("not as it should be");
});
