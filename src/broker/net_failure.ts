/**
 * Errors of sockets, TLS and HTTP as error numbers: all that a guest learns of them. Their messages, which name
 * addresses and files of this machine, go nowhere.
 */
import type { ErrnoName } from "../protocol/errno.ts";
import { FrameError } from "../protocol/frame.ts";
import { OperationError } from "../protocol/operations.ts";

const BY_CODE: Readonly<Record<string, ErrnoName>> = {
  ECONNREFUSED: "connrefused",
  ECONNRESET: "connreset",
  ECONNABORTED: "connaborted",
  EPIPE: "connreset",
  ERR_STREAM_PREMATURE_CLOSE: "connreset",
  ETIMEDOUT: "timedout",
  EHOSTUNREACH: "hostunreach",
  EHOSTDOWN: "hostunreach",
  ENETUNREACH: "netunreach",
  ENETDOWN: "netdown",
  EADDRNOTAVAIL: "hostunreach",
  // A name that cannot be resolved.
  ENOTFOUND: "hostunreach",
  EAI_AGAIN: "hostunreach",
  EAI_FAIL: "hostunreach",
  EAI_NODATA: "hostunreach",
  EAI_NONAME: "hostunreach",
  // Descriptors of this machine, not of the guest.
  EMFILE: "nfile",
  ENFILE: "nfile",
  ERR_IP_BLOCKED: "notcapable",
  ERR_INVALID_CHAR: "inval",
  ERR_INVALID_HTTP_TOKEN: "inval",
  ERR_UNESCAPED_CHARACTERS: "inval",
  HPE_HEADER_OVERFLOW: "msgsize",
};

/** The error number of whatever was thrown; `io` for what is not known. */
export function errnoOf(error: unknown): ErrnoName {
  if (error instanceof OperationError) return error.errno;
  if (error instanceof FrameError) return "inval";
  if (!(error instanceof Error)) return "io";
  if (error.name === "NotCapable" || error.name === "PermissionDenied") return "notcapable";
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code !== "string") return "io";
  if (Object.hasOwn(BY_CODE, code)) return BY_CODE[code] ?? "io";
  // The parser of HTTP found something that is none.
  return code.startsWith("HPE_") ? "proto" : "io";
}
