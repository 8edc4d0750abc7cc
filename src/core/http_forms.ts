/**
 * The forms in which a guest handles requests:
 *
 *     cgi      a WASI program: variables, body on stdin, answer on stdout
 *     json     handle(json) -> json         msgpack  handle(msgpack) -> msgpack
 *     bytes    handle(bytes) -> bytes       stream   handle_stream(), and two channels
 */
export const HTTP_FORMS = ["cgi", "json", "msgpack", "bytes", "stream"] as const;

/** One of {@linkcode HTTP_FORMS}. */
export type HttpForm = typeof HTTP_FORMS[number];
