import { arrayModules, base64Modules } from "./embedded.ts";
import { packageText } from "./package_file.ts";

/** Tiny modules by which `wasm-feature-detect` tells what an engine supports, one proposal each. */
export interface FeatureProbe {
  /** The package's name for the proposal, such as `tailCall`. */
  readonly feature: string;
  readonly bytes: Uint8Array;
}

/** The package and version whose probes these are. */
export const FEATURE_PACKAGE = { package: "wasm-feature-detect", version: "1.9.0" } as const;

/** The detectors are one chain of declarations: `name=()=>…,name=async()=>…`. */
const DECLARATION = /(?:const |,)(?=\w+=(?:async)?\(\)=>)/;

/** All probes that are a module; some detectors only look for a JavaScript function. */
export async function featureProbes(): Promise<FeatureProbe[]> {
  const text = await packageText(FEATURE_PACKAGE.package, "dist/esm/index.js");
  return text.split(DECLARATION).flatMap((declaration) => {
    const [feature = ""] = declaration.split("=", 1);
    const [bytes] = [...arrayModules(declaration), ...base64Modules(declaration)];
    return bytes === undefined ? [] : [{ feature, bytes }];
  });
}
