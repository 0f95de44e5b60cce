import { Link } from "@tanstack/react-router";
import { type LeadSort, type LeadSummary, useLeadColumns } from "@/api";
import { Moment } from "@/app/moment";
import { fieldText } from "@/pages/fields/field-words";
import { Cell, Checkbox, Chip, HeadCell, Icon, Row, Table } from "@/ui";
import { nextSort } from "./address";
import { ScoreFigure } from "./score-figure";

const MOMENTS = new Set(["created_at", "updated_at", "stage_since", "consent_at"]);

interface LeadsTableProps {
  items: LeadSummary[];
  columns: string[];
  sort: LeadSort;
  onSort: (sort: LeadSort) => void;
  selected: ReadonlySet<string>;
  onSelect: (ids: string[], on: boolean) => void;
}

/** The leads in the columns chosen. Heads with an order of their own sort. */
export function LeadsTable({ items, columns, sort, onSort, selected, onSelect }: LeadsTableProps) {
  const known = useLeadColumns().data ?? [];
  const label = (name: string) => known.find((column) => column.name === name)?.label ?? USUAL[name] ?? name;
  const all = items.length > 0 && items.every(({ id }) => selected.has(id));
  return (
    <div className="overflow-x-auto">
      <Table aria-label="Leads">
        <thead>
          <tr>
            <HeadCell className="w-8">
              <Checkbox
                aria-label="Select all leads shown"
                checked={all}
                onCheckedChange={(on) =>
                  onSelect(
                    items.map(({ id }) => id),
                    on,
                  )
                }
              />
            </HeadCell>
            {columns.map((name) => (
              <SortHead key={name} name={name} label={label(name)} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((lead) => (
            <Row key={lead.id} className="relative">
              <Cell className="relative z-10 w-8">
                <Checkbox
                  aria-label={`Select ${lead.name || lead.email || "this lead"}`}
                  checked={selected.has(lead.id)}
                  onCheckedChange={(on) => onSelect([lead.id], on)}
                />
              </Cell>
              {columns.map((name, at) => (
                <LeadCell key={name} lead={lead} name={name} first={at === 0} />
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** Labels of the usual columns, for the moment before the server has told all of them. */
const USUAL: Record<string, string> = {
  name: "Name",
  company: "Company",
  stage: "Stage",
  score: "Score",
  owner: "Owner",
  updated_at: "Changed",
};

interface SortHeadProps {
  name: string;
  label: string;
  sort: LeadSort;
  onSort: (sort: LeadSort) => void;
}

function SortHead({ name, label, sort, onSort }: SortHeadProps) {
  const numeric = name === "score" || name === "company_size";
  const next = nextSort(name, sort);
  if (!next) return <HeadCell numeric={numeric}>{label}</HeadCell>;
  const falls = sort === `-${name}`;
  const sorted = falls || sort === name;
  return (
    <HeadCell numeric={numeric} aria-sort={sorted ? (falls ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        className="inline-flex items-center gap-1 rounded-sm font-medium hover:text-text"
        onClick={() => onSort(next)}
      >
        {label}
        <Icon
          name={sorted && !falls ? "arrow-up" : "arrow-down"}
          size={12}
          className={sorted ? "text-accent-text" : "opacity-30"}
        />
      </button>
    </HeadCell>
  );
}

function LeadCell({ lead, name, first }: { lead: LeadSummary; name: string; first: boolean }) {
  const value = lead.values?.[name];
  const open = (words: string) => (
    <Link
      to="/leads/$id"
      params={{ id: lead.id }}
      data-row-link
      className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
    >
      {words}
    </Link>
  );
  if (name === "name") {
    return (
      <Cell className="max-w-[260px]">
        {first ? open(lead.name) : <p className="truncate font-medium">{lead.name}</p>}
        <p className="truncate text-muted">{lead.email ?? "No e-mail"}</p>
      </Cell>
    );
  }
  if (first) return <Cell className="max-w-[260px]">{open(fieldText(value) || lead.name)}</Cell>;
  if (name === "stage") {
    return (
      <Cell>
        <Chip>{lead.stage}</Chip>
      </Cell>
    );
  }
  if (name === "score") {
    return (
      <Cell numeric>
        <ScoreFigure score={lead.score} />
      </Cell>
    );
  }
  if (MOMENTS.has(name) && typeof value === "string") {
    return (
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={value} />
      </Cell>
    );
  }
  const text = fieldText(value);
  const none = name === "owner" ? "Nobody" : "Unknown";
  return (
    <Cell className="max-w-[220px] truncate" title={text} numeric={typeof value === "number"}>
      {text || <span className="text-faint">{none}</span>}
    </Cell>
  );
}
