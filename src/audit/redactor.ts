import { cutText } from "../core/cut.ts";

/** A text that no log may have, and what stands in its place. */
export interface HiddenText {
  readonly value: string;
  /** As `secret:NAME`; it is shown in double braces. */
  readonly label: string;
}

/** The forms in which a text travels: as it is, in a URL, in base64. */
function formsOf(value: string): string[] {
  const forms = [value, encodeURIComponent(value)];
  const bytes = new TextEncoder().encode(value);
  forms.push(btoa(String.fromCharCode(...bytes.subarray(0, 8192))));
  return [...new Set(forms)];
}

/** What ends a text that was cut. */
const ELLIPSIS = "…";

/** Takes secrets out of texts, before these are cut: no half of one is left over. */
export class Redactor {
  /** How often each was given, by its value. */
  readonly #given: Map<string, { readonly label: string; uses: number }> = new Map();
  #forms: readonly { readonly form: string; readonly label: string }[] = [];

  add(texts: readonly HiddenText[]): void {
    for (const { value, label } of texts) {
      if (value === "") continue;
      const known = this.#given.get(value);
      if (known === undefined) this.#given.set(value, { label, uses: 1 });
      else known.uses++;
    }
    this.#list();
  }

  /** Those are not looked for any more, unless somebody else has given them, too. */
  remove(texts: readonly HiddenText[]): void {
    for (const { value } of texts) {
      const known = this.#given.get(value);
      if (known !== undefined && --known.uses === 0) this.#given.delete(value);
    }
    this.#list();
  }

  /** Longest first, so that of two of which one holds the other nothing is left. */
  #list(): void {
    this.#forms = [...this.#given].flatMap(([value, { label }]) =>
      formsOf(value).map((form) => ({ form, label: `{{${label}}}` }))
    ).sort((one, other) => other.form.length - one.form.length);
  }

  /** The text without them, cut at a length. */
  clean(text: string, longest: number): string {
    let clean = text;
    for (const { form, label } of this.#forms) {
      if (clean.includes(form)) clean = clean.replaceAll(form, () => label);
    }
    return cutText(this.#withoutHalf(clean), longest);
  }

  /** Whoever told of it may have cut it within a secret. */
  #withoutHalf(text: string): string {
    if (!text.endsWith(ELLIPSIS)) return text;
    const whole = text.slice(0, -ELLIPSIS.length);
    let most = 0, shown = "";
    for (const { form, label } of this.#forms) {
      let length = Math.min(form.length - 1, whole.length);
      while (length > most && !whole.endsWith(form.slice(0, length))) length--;
      if (length <= most) continue;
      most = length;
      shown = label;
    }
    return most === 0 ? text : `${whole.slice(0, -most)}${shown}${ELLIPSIS}`;
  }
}
