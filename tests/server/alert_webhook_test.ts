import { type AlertEvent, AlertWebhook, type AlertWebhookPorts } from "../../src/server/alert_webhook.ts";
import { assert, assertEquals } from "../assert.ts";

function alert(message: string): AlertEvent {
  return { type: "alert", time: 1, task: "t", execution: 2, level: "critical", message };
}

/** What was posted, waited and lost. @param take whether a post is taken, by its number from 1 */
function rig(take: (count: number) => boolean = () => true) {
  const posted: string[] = [], waits: number[] = [], lost: string[] = [];
  let count = 0;
  const ports: AlertWebhookPorts = {
    post: async (json) => {
      await null;
      if (!take(++count)) throw new Error("it answers 500");
      posted.push(JSON.parse(json).message);
    },
    sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
    onLost: (reason) => void lost.push(reason),
  };
  return { webhook: new AlertWebhook(ports), posted, waits, lost };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("AlertWebhook sends alerts in order, and tries again what was not taken", async () => {
  const { webhook, posted, waits, lost } = rig((count) => count !== 2 && count !== 3);
  for (const text of ["a", "b", "c"]) webhook.send(alert(text));
  await settled();
  assertEquals([posted, waits, lost], [["a", "b", "c"], [1000, 2000], []]);
});

Deno.test("AlertWebhook gives an alert up after three tries, and goes on with the next", async () => {
  const { webhook, posted, lost } = rig((count) => count > 3);
  for (const text of ["a", "b"]) webhook.send(alert(text));
  await settled();
  assertEquals([posted, lost], [["b"], ["the webhook took no alert: it answers 500"]]);
});

Deno.test("AlertWebhook keeps a bounded number of alerts, and tells how many it has dropped", async () => {
  const { webhook, posted, lost } = rig();
  for (let count = 0; count < 5000; count++) webhook.send(alert(String(count)));
  await settled();
  assert(posted.length >= 1000 && posted.length <= 1001, String(posted.length));
  assertEquals(lost.length, 1);
  webhook.send(alert("later"));
  await settled();
  assertEquals(posted.at(-1), "later");
  await webhook.close();
});
