import { CallStream } from "./call_stream.ts";
import type { Sandbox } from "./sandbox.ts";
import type { CallInputs } from "./stream_inputs.ts";
import { type CallStreamOptions, readStreamOptions } from "./stream_options.ts";

/** A stream of calls of one sandbox: one at a time, and none of them is stopped because nobody reads any more. */
export function streamOfSandbox(
  sandbox: Pick<Sandbox, "tryCall" | "limits">,
  { name, inputs, options }: {
    readonly name: string;
    readonly inputs: CallInputs;
    readonly options: CallStreamOptions;
  },
): CallStream {
  const plan = readStreamOptions(options, { concurrency: 1, of: "sandbox", limits: sandbox.limits });
  return new CallStream(name, inputs, {
    plan,
    caller: {
      call: (args, signal) => sandbox.tryCall(name, args, { ...plan.call, signal }),
      lanes: 1,
      cancels: false,
    },
  });
}
