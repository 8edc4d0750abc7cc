import type { Module } from "../wasm/module.ts";
import { type CodeSurvey, surveyCode } from "./code_survey.ts";
import { type DataSurvey, surveyData } from "./data_survey.ts";
import { ItemNames } from "./item_names.ts";
import { Reach } from "./reach.ts";

/** What findings about a valid module follow from, each worked out once. */
export interface ModuleFacts {
  readonly names: ItemNames;
  readonly survey: CodeSurvey;
  readonly reach: Reach;
  readonly data: DataSurvey;
}

/** Works out the facts; of the code, where they are not known. @throws {ModuleInvalidError} where an instruction cannot be decoded */
export function moduleFacts(module: Module, survey: CodeSurvey = surveyCode(module)): ModuleFacts {
  return { names: new ItemNames(module), survey, reach: new Reach(module, survey), data: surveyData(module) };
}
