/** How the form is found in which a module handles requests. */
import type { HttpForm } from "../../core/http_forms.ts";
import { AegisError } from "../../core/errors.ts";
import type { Signature } from "../../core/signature.ts";
import { quote } from "../../core/quote.ts";
import type { AegisModule } from "../../sandbox/module.ts";

/** Forms of a function `handle`, by the kind of its argument and its result. */
type HandleForm = Extract<HttpForm, "json" | "msgpack" | "bytes">;

/** How a module is called for requests. */
export interface FoundForm {
  readonly form: HttpForm;
  readonly functionName: "_start" | "handle" | "handle_stream";
  /** Where the module does not say it itself. */
  readonly type: Signature | undefined;
}

/** What content is lowered to, on the way in and out. */
const LOWERED = "i32,i32 -> i64";

/** @throws {AegisError} `InvalidOption` for a module that handles no requests, or not in the form that is named */
export function findForm(module: AegisModule, wanted: HttpForm | undefined): FoundForm {
  const exported = (name: string) => module.functionType(name) !== undefined;
  const found: HttpForm | undefined = wanted ??
    (exported("handle_stream")
      ? "stream"
      : exported("handle")
      ? handleForm(module)
      : exported("_start")
      ? "cgi"
      : undefined);
  if (found === undefined) {
    throw refused(
      "it exports neither _start nor handle nor handle_stream",
      "Export one of them: see docs/http.md.",
    );
  }
  if (found === "cgi" || found === "stream") {
    const functionName = found === "cgi" ? "_start" : "handle_stream",
      type = module.functionType(functionName);
    if (type === undefined) {
      throw refused(`form ${quote(found)} needs a function ${functionName}, which it lacks`);
    }
    if (type.params.length + type.results.length > 0) {
      throw refused(`its ${functionName} takes or returns something`);
    }
    return { form: found, functionName, type: undefined };
  }
  return { form: found, functionName: "handle", type: handleType(module, found) };
}

function handleForm(module: AegisModule): HandleForm {
  const kind = module.signature("handle")?.params[0];
  return kind === "msgpack" || kind === "bytes" ? kind : "json";
}

/** @throws {AegisError} `InvalidOption` */
function handleType(module: AegisModule, form: HandleForm): Signature {
  const type = module.functionType("handle"), said = module.signature("handle");
  if (type === undefined) throw refused(`form ${quote(form)} needs a function handle, which it lacks`);
  if (`${type.params} -> ${type.results}` !== LOWERED) {
    throw refused(`its handle is no (${form}) -> ${form} by the guest ABI`, "See docs/guest_abi.md.");
  }
  if (said !== undefined && !(said.params.join() === form && said.results.join() === form)) {
    throw refused(
      `its handle says of itself that it is (${said.params}) -> ${said.results}`,
      "Name that form.",
    );
  }
  return { params: [form], results: [form] };
}

function refused(why: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", `Cannot serve the module: ${why}`, {
    field: "form",
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
