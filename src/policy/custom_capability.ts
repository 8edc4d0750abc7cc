import { Capability, checkText } from "./capability.ts";

/** A power that the embedder's own host functions ask for by name. */
export class CustomCapability extends Capability<"custom"> {
  private constructor(name: string) {
    super("custom", [{ kind: "custom", name }]);
  }

  /** A power of this name. @throws {AegisError} `InvalidOption` */
  static named(name: string): CustomCapability {
    return new CustomCapability(checkText(name, { field: "custom.name" }));
  }
}
