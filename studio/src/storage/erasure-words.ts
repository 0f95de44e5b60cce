/** What was deleted of a person, in words instead of names of tables. */
import type { Erasure } from "@/api";

type Count = Erasure["counts"][number];

/** How often the address or id can still be read from the files of the database; no kind of thing that went. */
const LEFT = "left_in_files";
/** Workflows that name the address in a document, which stays. */
const LEFT_IN_WORKFLOWS = "left_in_workflows";

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  lead: ["record", "records"],
  lead_key: ["address or id it was known by", "addresses and ids it was known by"],
  activity: ["entry of the timeline", "entries of the timeline"],
  list_member: ["place on a list", "places on lists"],
  run: ["run", "runs"],
  run_thinned: [
    "run about others too, cut to what is not theirs",
    "runs about others too, cut to what is not theirs",
  ],
  job_item: ["line of a job’s result", "lines of jobs’ results"],
  letter: ["message between runs", "messages between runs"],
  pin: ["run kept as a test", "runs kept as tests"],
  file: ["uploaded file that named them", "uploaded files that named them"],
  data_row: ["row of a data table", "rows of data tables"],
  counter_naming: ["counter that named them", "counters that named them"],
  plugin_state_naming: ["value that a plugin kept", "values that plugins kept"],
  plugin_call_naming: ["answer that a plugin kept", "answers that plugins kept"],
  enrichment_answer_naming: ["answer of a data provider", "answers of data providers"],
  import_row: ["row of an import’s result", "rows of imports’ results"],
  import_lead: ["import they came with", "imports they came with"],
  import_shown: ["import with samples of its list", "imports with samples of their lists"],
  prepared_row: ["row of a list in the data folder", "rows of lists in the data folder"],
  activity_quoting: ["mention on the timeline of somebody else", "mentions on the timelines of others"],
  lead_quoting: ["mention in somebody else’s record", "mentions in the records of others"],
  definition_quoting: ["mention in a rule", "mentions in rules"],
  definition_version_quoting: ["mention in a version of a rule", "mentions in versions of rules"],
};

/** "12 runs", "1 record". */
export function countInWords({ table, rows }: Count): string {
  const [one, many] = WORDS[table] ?? [table.replaceAll("_", " "), table.replaceAll("_", " ")];
  return `${rows.toLocaleString("en")} ${rows === 1 ? one : many}`;
}

/** What went, without what was not there. */
export function whatWent({ counts }: Pick<Erasure, "counts">): Count[] {
  return counts.filter(({ table, rows }) => rows > 0 && table !== LEFT && table !== LEFT_IN_WORKFLOWS);
}

/** How often they can still be found in the files of the database; 0 is the aim. */
export function leftInFiles({ counts }: Pick<Erasure, "counts">): number {
  return counts.find(({ table }) => table === LEFT)?.rows ?? 0;
}

/** How many workflows still name the address in a document. */
export function leftInWorkflows({ counts }: Pick<Erasure, "counts">): number {
  return counts.find(({ table }) => table === LEFT_IN_WORKFLOWS)?.rows ?? 0;
}
