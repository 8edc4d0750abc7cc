/** What a run may reach, of what the server grants: a part of the grants, and for each kind what is chosen of it. */
import { ALERT_LEVELS } from "../../core/alert_level.ts";
import { LOG_LEVELS } from "../../core/log_level.ts";
import type { Policy } from "../api_types.ts";
import { element, fill } from "../dom.ts";
import { grantedLevel, grantedSensors, isGranted } from "./capabilities.ts";
import { type AnyField, Field, type FieldInput, select, textArea, textInput } from "./field.ts";
import type { ModuleFacts } from "./module_facts.ts";
import { type GrantSettings, POLICY_PRESETS, type PolicyPreset, type TaskGrants } from "./new_task.ts";
import { readSensorValues } from "./sensor_values.ts";

/** Lines of one list, as the server takes them. */
const MOST_LINES = 100;

/** Kinds that are listed as text, one on each line. */
const LISTS = {
  read: { capability: "filesystem", label: "Paths to read", placeholder: "HOST or HOST::GUEST" },
  write: { capability: "filesystem", label: "Paths to read and write", placeholder: "HOST or HOST::GUEST" },
  net: { capability: "network", label: "Hosts", placeholder: "api.example.com" },
  env: { capability: "env", label: "Variables", placeholder: "NAME" },
} as const satisfies Partial<Record<keyof TaskGrants, unknown>>;

type ListName = keyof typeof LISTS;

/** Kinds that each part of the grants leaves room for. */
const ROOM: Readonly<Record<PolicyPreset, readonly string[] | undefined>> = {
  permissive: undefined,
  strict: undefined,
  sandbox: ["logging", "sensor", "alert"],
};

interface GrantRow {
  readonly capability: string;
  readonly field: AnyField;
  /** What is listed of it. */
  readonly read: () => TaskGrants;
  /** Fills in what is listed. */
  readonly set: (grants: TaskGrants) => void;
}

export class GrantsForm {
  readonly element: HTMLElement = element("div", { class: "grants-form" });
  readonly #policy: Policy;
  readonly #onChange: () => void;
  readonly #preset: Field<HTMLSelectElement>;
  readonly #chosen: HTMLElement = element("div", {});
  #needed: ReadonlySet<string> = new Set();
  #rows: readonly GrantRow[] = [];

  constructor({ policy, onChange }: { readonly policy: Policy; readonly onChange: () => void }) {
    this.#policy = policy;
    this.#onChange = onChange;
    this.#preset = new Field({
      label: "This run may use",
      input: select(POLICY_PRESETS, "permissive"),
      onChange: () => {
        this.#showRows();
        onChange();
      },
    });
    fill(this.element, this.#preset.element, this.#chosen);
    this.#showRows();
  }

  /** Puts the kinds that a module needs in front. */
  show({ needs }: Pick<ModuleFacts, "needs">): void {
    this.#needed = new Set(needs.map(({ capability }) => capability));
    this.#showRows();
  }

  /** What was chosen; undefined while it cannot be used. */
  read(): GrantSettings | undefined {
    if (this.#rows.some(({ field }) => field.problem !== undefined)) return undefined;
    const grants = this.#listed(), policy = this.#presetName;
    return {
      ...(policy === "permissive" ? {} : { policy }),
      ...(Object.keys(grants).length === 0 ? {} : { grants }),
    };
  }

  /** Shows what is wrong. @returns the first field that is */
  showProblems(): HTMLElement | undefined {
    const wrong = this.#rows.filter(({ field }) => field.showProblem())[0]?.field;
    const folded = wrong?.element.closest("details") ?? undefined;
    if (folded !== undefined) folded.open = true;
    return wrong?.input;
  }

  /** Fills in grants, such as those of an earlier run. */
  set({ policy = "permissive", grants = {} }: GrantSettings): void {
    this.#preset.value = policy;
    this.#showRows();
    for (const row of this.#rows) row.set(grants);
  }

  get #presetName(): PolicyPreset {
    const { value } = this.#preset;
    return Object.hasOwn(POLICY_PRESETS, value) ? value as PolicyPreset : "permissive"; // one of its keys
  }

  #listed(): TaskGrants {
    const all = this.#rows.map(({ read }) => read()),
      sensors = Object.assign({}, ...all.map((one) => one.sensors));
    const grants: TaskGrants = Object.assign({}, ...all);
    if (Object.keys(sensors).length === 0) return grants;
    if (this.#presetName === "strict") return { ...grants, sensors };
    // What is listed takes the place of all sensors: the others are listed as they are.
    const own = Object.values(sensors).some((reading) => reading !== "runtime");
    const { sensors: _, ...others } = grants;
    return own ? { ...others, sensors } : others;
  }

  #showRows(): void {
    const kept = this.#listed(), room = ROOM[this.#presetName];
    const rows = [
      ...this.#levelRows(),
      ...grantedSensors(this.#policy).map((id) => this.#sensorRow(id)),
      ...this.#switchRows(),
      ...Object.keys(LISTS).map((name) => this.#listRow(name as ListName)), // its own keys
    ];
    this.#rows = rows.filter(({ capability }) =>
      isGranted(this.#policy, capability) && (room === undefined || room.includes(capability))
    );
    for (const row of this.#rows) row.set(kept);
    const [needed, others] = [true, false].map((is) =>
      this.#rows.filter(({ capability }) => this.#needed.has(capability) === is).map(({ field }) =>
        field.element
      )
    );
    fill(
      this.#chosen,
      this.#policy.grants.length === 0 &&
        element(
          "p",
          { class: "soft" },
          "This server grants nothing beyond its limits, so there is nothing to choose.",
        ),
      needed !== undefined && needed.length > 0 && element("div", { class: "fields" }, needed),
      others !== undefined && others.length > 0 &&
        element(
          "details",
          {},
          element("summary", {}, "What else the server grants"),
          element("div", { class: "fields" }, others),
        ),
    );
  }

  get #isStrict(): boolean {
    return this.#presetName === "strict";
  }

  /** What stands for a kind of which nothing was chosen. */
  get #unchosen(): string {
    return this.#isStrict ? "not granted" : "as the server grants it";
  }

  #select(label: string, choices: Readonly<Record<string, string>>): Field<HTMLSelectElement> {
    return new Field({
      label,
      input: select({ "": this.#unchosen, ...choices }, ""),
      onChange: this.#onChange,
    });
  }

  #levelRows(): GrantRow[] {
    const logs = levelsUpTo(Object.keys(LOG_LEVELS), grantedLevel(this.#policy, "logging"));
    const alerts = levelsUpTo(Object.keys(ALERT_LEVELS).reverse(), grantedLevel(this.#policy, "alert"));
    const log = this.#select("Log, up to level", same(logs)),
      alert = this.#select("Alerts, from level", same(alerts));
    return [
      {
        capability: "logging",
        field: log,
        read: () => log.value === "" ? {} : { logging: log.value as keyof typeof LOG_LEVELS }, // one of the choices
        set: ({ logging = "" as const }) => log.value = logging,
      },
      {
        capability: "alert",
        field: alert,
        read: () => alert.value === "" ? {} : { alerts: alert.value as keyof typeof ALERT_LEVELS }, // as above
        set: ({ alerts = "" as const }) => alert.value = alerts,
      },
    ];
  }

  /** Kinds that are granted or not: there is something to choose where nothing is granted by itself. */
  #switchRows(): GrantRow[] {
    if (!this.#isStrict) return [];
    return (["clock", "random"] as const).map((name) => {
      const field = this.#select(name === "clock" ? "Clock" : "Random bytes", {
        yes: "as the server grants it",
      });
      return {
        capability: name,
        field,
        read: () => field.value === "yes" ? { [name]: true } : {},
        set: (grants) => field.value = grants[name] === true ? "yes" : "",
      };
    });
  }

  #sensorRow(id: number): GrantRow {
    const field: Field = new Field({
      label: `Sensor ${id} reads`,
      input: textInput({ placeholder: this.#unchosen }),
      hint: this.#isStrict
        ? '21, or 21, 22, 23 over and over; "server" for what the server has'
        : "21, or 21, 22, 23 over and over",
      check: (text) => {
        if (text.trim() === "" || text.trim() === "server") return undefined;
        const read = readSensorValues(text);
        return typeof read === "string" ? read : undefined;
      },
      onChange: this.#onChange,
    });
    return {
      capability: "sensor",
      field,
      read: () => {
        const text = field.value.trim(), read = text === "server" ? "" : readSensorValues(text);
        if (text === "" && this.#isStrict) return {};
        return { sensors: { [id]: typeof read === "string" ? "runtime" : read } };
      },
      set: ({ sensors = {} }) => {
        const reading = sensors[id];
        field.value = reading === undefined || reading === "runtime" && !this.#isStrict
          ? ""
          : reading === "runtime"
          ? "server"
          : typeof reading === "number"
          ? String(reading)
          : reading.join(", ");
      },
    };
  }

  #listRow(name: ListName): GrantRow {
    const { capability, label, placeholder } = LISTS[name];
    const granted = this.#policy.grants.filter((grant) => grant.capability === capability);
    const field: Field<FieldInput> = new Field<FieldInput>({
      label,
      input: textArea(2, `${this.#unchosen}; else ${placeholder}, one on each line`),
      hint: `On this server: ${granted.map(({ detail }) => detail).join("; ")}`,
      check: (text) => linesOf(text).length > MOST_LINES ? `At most ${MOST_LINES} lines` : undefined,
      onChange: this.#onChange,
    });
    return {
      capability,
      field,
      read: () => linesOf(field.value).length === 0 ? {} : { [name]: linesOf(field.value) },
      set: (grants) => field.value = (grants[name] ?? []).join("\n"),
    };
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** Levels down to the one that is granted. */
function levelsUpTo(levels: readonly string[], granted: string | undefined): string[] {
  return levels.slice(0, granted === undefined ? 0 : levels.indexOf(granted) + 1);
}

function same(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
