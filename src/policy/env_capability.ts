import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { Capability, checkList, checkText } from "./capability.ts";
import type { EnvGrant } from "./grants.ts";

function readName(name: string): string {
  if (!checkText(name, { field: "env.name" }).includes("=")) return name;
  const suggestion =
    "A name ends at the first =; give the value on its own: EnvCapability.set({ NAME: value }).";
  throw new AegisError("InvalidOption", `Cannot grant variable ${quote(name)}. ${suggestion}`, {
    field: "env.name",
    suggestion,
  });
}

/** Variables of the environment that a guest sees. All methods throw `InvalidOption`. */
export class EnvCapability extends Capability<"env"> {
  private constructor(grants: readonly EnvGrant[]) {
    super("env", grants);
  }

  /** Variables with the values that they have on the host when a sandbox starts; those that it lacks are left out. */
  static inherit(names: readonly string[]): EnvCapability {
    return new EnvCapability(
      checkList(names, { field: "env.names" }).map((name) => (
        { kind: "env", name: readName(name), value: undefined }
      )),
    );
  }

  /** Variables with values of the embedder's. */
  static set(variables: Readonly<Record<string, string>>): EnvCapability {
    return new EnvCapability(
      Object.entries(variables).map(([name, value]) => (
        { kind: "env", name: readName(name), value: readValue(name, value) }
      )),
    );
  }
}

/** A value may be a secret: no message quotes it. */
function readValue(name: string, value: string): string {
  if (typeof value === "string" && !value.includes("\0") && value.isWellFormed()) return value;
  const suggestion = "Use text without NUL.";
  throw new AegisError("InvalidOption", `Cannot set variable ${quote(name)} to its value. ${suggestion}`, {
    field: "env.value",
    suggestion,
  });
}
