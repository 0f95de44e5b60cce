import { type LeadFilter, type LeadSort, leadListsApi } from "@/api";
import { Button, Menu } from "@/ui";

/** Most leads that can be named one by one. */
const MOST_NAMED = 1_000;

interface ExportMenuProps {
  filter: LeadFilter;
  columns: string[];
  sort: LeadSort;
  /** Ticked leads; all that match without. */
  leads?: ReadonlySet<string>;
  label?: string;
}

/** The leads that match, or those ticked, as a file with the columns of the page. */
export function ExportMenu({ filter, columns, sort, leads, label = "Export" }: ExportMenuProps) {
  const take = (format: "csv" | "xlsx") => () => {
    const which = leads ? { leads: [...leads].slice(0, MOST_NAMED) } : { filter };
    window.location.assign(leadListsApi.exportAddress(which, { columns, sort, format, name: "leads" }));
  };
  return (
    <Menu
      align="end"
      trigger={<Button icon="download">{label}</Button>}
      entries={[
        { label: "As CSV", icon: "download", onSelect: take("csv") },
        { label: "As Excel workbook", icon: "download", onSelect: take("xlsx") },
      ]}
    />
  );
}
