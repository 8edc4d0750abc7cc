import { assertEquals } from "../assert.ts";
import { SampleHistory } from "../../src/dashboard/sample_history.ts";

function sampleAt(time: number) {
  return {
    time,
    cpu: 1,
    rss: 2,
    heap: 3,
    fuelPerSecond: 4,
    running: 1,
    queued: 0,
    live: 1,
    requestsPerSecond: 0,
  };
}

const GUEST = {
  task: "t",
  name: "n",
  state: "running",
  execution: 1,
  startedAt: 0,
  engine: "v8",
  fuel: "1",
  cpuMs: 1,
  cpu: 0.5,
  fuelPerSecond: 1,
  memory: 100,
  hostCalls: 0,
  denials: 0,
} as const;

Deno.test("SampleHistory keeps what was known before a server began anew, and knows of guests what it has heard", () => {
  const history = new SampleHistory();
  history.begin([sampleAt(1000), sampleAt(2000)]);
  history.add(sampleAt(3000), [GUEST, GUEST]);
  assertEquals(history.samples.map(({ guestCpu, guestMemory }) => [guestCpu, guestMemory]), [
    [null, null],
    [null, null],
    [1, 200],
  ]);
  history.begin([sampleAt(3000), sampleAt(9000)]);
  assertEquals(history.samples.map(({ time, guestMemory }) => [time, guestMemory]), [
    [1000, null],
    [2000, null],
    [3000, 200],
    [9000, null],
  ]);
});

Deno.test("SampleHistory takes no sample twice, and no more than ten minutes of them", () => {
  const history = new SampleHistory();
  history.begin(Array.from({ length: 600 }, (_, at) => sampleAt(at)));
  history.add(sampleAt(599), []);
  assertEquals(history.samples.length, 600);
  history.add(sampleAt(600), []);
  assertEquals([history.samples.length, history.samples[0]?.time, history.samples.at(-1)?.time], [
    600,
    1,
    600,
  ]);
});
