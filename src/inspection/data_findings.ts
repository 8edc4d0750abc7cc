/** What a valid module carries beside its code. */
import { groupDigits } from "../core/group_digits.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { DataSurvey } from "./data_survey.ts";
import { type SignName, signRow, SIGNS } from "./data_signs.ts";
import type { FindingList } from "./finding_list.ts";

/** Bytes of encoded or random data from which on they are told. */
const LEAST_BLOB = { encoded: 4096, dense: 32_768 } as const;

/** Adds what the data tells. */
export function addDataFindings(list: FindingList, { hits, givenUp, encoded, dense }: DataSurvey): void {
  for (const sign of Object.keys(SIGNS) as SignName[]) { // a literal's keys are those of its type
    const found = hits.get(sign), [one] = found?.first ?? [];
    if (found === undefined || one === undefined) continue;
    const { finding, what, wide } = signRow(sign), { first, count } = found;
    const shown = wide ? `: ${[...new Set(first.map(({ text }) => quote(text)))].join(", ")}` : "";
    const more = count > first.length ? `, and ${groupDigits(count - first.length)} more` : "";
    list.add(finding, () => ({
      detail: `It holds ${what}${shown}${more}.`,
      location: { offset: one.offset },
    }));
  }
  if (givenUp.size > 0) {
    const signs = [...givenUp].map((sign) => signRow(sign).what);
    list.add("decoy-data", () => ({
      detail: `So much of it begins as they do that the rest was not looked through for: ${
        signs.join("; ")
      }.`,
    }));
  }
  if (encoded.bytes >= LEAST_BLOB.encoded) {
    list.add("encoded-data", () => ({
      detail: `${formatByteSize(encoded.bytes)} read as base64 or as hexadecimal digits.`,
      location: { offset: encoded.offset },
    }));
  }
  if (dense.bytes >= LEAST_BLOB.dense) {
    list.add("dense-data", () => ({
      detail: `In ${formatByteSize(dense.bytes)} of it all bytes are about equally frequent.`,
      location: { offset: dense.offset },
    }));
  }
}
