/** Words of a two-way sync, and what its form makes of them. */
import type {
  AppConnection,
  ConnectableApp,
  NewSync,
  SyncCreate,
  SyncField,
  SyncFlow,
  SyncRule,
} from "@/api";

export const FLOWS: { value: SyncFlow; label: string; hint: string }[] = [
  { value: "both", label: "Both ways", hint: "Changes of either side go to the other" },
  { value: "to_right", label: "Left owns it", hint: "What the right makes of it is put back" },
  { value: "to_left", label: "Right owns it", hint: "What the left makes of it is put back" },
];

export const RULES: { value: SyncRule; label: string; hint: string }[] = [
  { value: "newest", label: "Newest wins", hint: "What the record has that changed last" },
  { value: "left_wins", label: "Left wins", hint: "When both have changed" },
  { value: "right_wins", label: "Right wins", hint: "When both have changed" },
  { value: "never_overwrite", label: "Never overwrite", hint: "Only what is empty is filled" },
];

export const CREATES: { value: SyncCreate; label: string }[] = [
  { value: "both", label: "On whichever side lacks them" },
  { value: "left", label: "On the left only" },
  { value: "right", label: "On the right only" },
  { value: "nowhere", label: "Nowhere: only records that both have" },
];

export const BEGINS: { value: NewSync["begin"]; label: string }[] = [
  { value: "all", label: "Everything that is there" },
  { value: "now", label: "What changes from now on" },
];

/** A side that can be chosen: a kind of records of a connected account. */
export interface Party {
  /** Connection and records in one text. */
  value: string;
  label: string;
  hint: string;
  connection: string;
  records: string;
  knownBy: string;
  fields: string | null;
}

export function partiesOf(apps: readonly ConnectableApp[], connections: readonly AppConnection[]): Party[] {
  return connections.flatMap((connection) => {
    const app = apps.find(({ id }) => id === connection.app);
    return (app?.records ?? []).map((records) => ({
      value: `${connection.id}/${records.name}`,
      label: `${connection.name}: ${records.title.toLowerCase()}`,
      hint: app?.name ?? "",
      connection: connection.id,
      records: records.name,
      knownBy: records.known_by,
      fields: records.fields,
    }));
  });
}

/** Rows that say something. */
export const wholeFields = (fields: readonly SyncField[]): SyncField[] =>
  fields
    .map((field) => ({ ...field, left: field.left.trim(), right: field.right.trim() }))
    .filter(({ left, right }) => left !== "" && right !== "");

/** What keeps the form from being sent, if anything does. */
export function lacks(
  name: string,
  left: Party | undefined,
  right: Party | undefined,
  fields: readonly SyncField[],
): string | null {
  if (name.trim() === "") return "Give the sync a name.";
  if (!left || !right) return "Choose both sides.";
  if (left.value === right.value) return "Choose two different sides.";
  const whole = wholeFields(fields);
  if (whole.length === 0) return "Name at least one pair of fields.";
  const seen = new Set<string>();
  for (const { left: one } of whole) {
    if (seen.has(one)) return `The field “${one}” stands there twice.`;
    seen.add(one);
  }
  return null;
}
