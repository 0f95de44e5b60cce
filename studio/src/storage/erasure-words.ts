/** What was deleted of a person, in words instead of names of tables. */
import type { Erasure } from "@/api";

type Count = Erasure["counts"][number];

/** How often the address or id can still be read from the files of the database; no kind of thing that went. */
const LEFT = "left_in_files";

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
};

/** "12 runs", "1 record". */
export function countInWords({ table, rows }: Count): string {
  const [one, many] = WORDS[table] ?? [table.replaceAll("_", " "), table.replaceAll("_", " ")];
  return `${rows.toLocaleString("en")} ${rows === 1 ? one : many}`;
}

/** What went, without what was not there. */
export function whatWent({ counts }: Pick<Erasure, "counts">): Count[] {
  return counts.filter(({ table, rows }) => rows > 0 && table !== LEFT);
}

/** How often they can still be found in the files of the database; 0 is the aim. */
export function leftInFiles({ counts }: Pick<Erasure, "counts">): number {
  return counts.find(({ table }) => table === LEFT)?.rows ?? 0;
}
