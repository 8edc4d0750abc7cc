import {
  Aegis,
  AlertCapability,
  ClockCapability,
  EnvCapability,
  FilesystemCapability,
  LoggingCapability,
  NetworkCapability,
  RandomCapability,
  SensorCapability,
} from "../../../mod.ts";

await using runtime = await Aegis.create({
  fuelLimit: "unlimited",
  timeout: "90s",
  hostCallLimit: "1_000",
  engine: "interpreter",
  onDenial: "stop",
  capabilities: [
    FilesystemCapability.readOnly(["in"]),
    FilesystemCapability.full([{ host: "out", guest: "/out" }]),
    NetworkCapability.hosts(["a.example"]),
    LoggingCapability.atLevel("info"),
    AlertCapability.atLevel("warning"),
    SensorCapability.constant(0, 21),
    SensorCapability.series(1, [1, 2]),
    ClockCapability.all(),
    RandomCapability.secure(),
    EnvCapability.inherit(["LANG"]),
  ],
});
const module = await runtime.loadFile("add.wasm");

await using sandbox = await runtime.sandbox({
  args: ["main", "it's"],
  stdin: "a\nb",
  stdout: (bytes) => void Deno.stdout.writeSync(bytes),
  stderr: (bytes) => void Deno.stderr.writeSync(bytes),
  onLog: ({ level, message }) => console.error(level, message),
  onAlert: ({ level, message }) => console.error(level, message),
}).build();
await sandbox.loadModule(module);
const outcome = await sandbox.tryCall("_start", [1, 2n, NaN, "text", []]);
console.log(outcome);
