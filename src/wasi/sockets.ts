import type { Caller, WasiFunctions } from "./caller.ts";
import { ERRNO } from "../protocol/errno.ts";

/** No descriptor is a socket. The `/` that holds nothing is no descriptor that a program would know of, so not here. */
function refuse({ process }: Caller, fd: number): number {
  const descriptor = process.descriptors.get(fd);
  return descriptor === undefined || descriptor.kind === "root" ? ERRNO.badf : ERRNO.notsock;
}

export const SOCKETS: WasiFunctions<"sock_accept" | "sock_recv" | "sock_send" | "sock_shutdown"> = {
  sock_accept: refuse,
  sock_recv: refuse,
  sock_send: refuse,
  sock_shutdown: refuse,
};
