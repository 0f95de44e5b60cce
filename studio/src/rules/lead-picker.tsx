import { useState } from "react";
import { useLeads } from "@/api";
import { Combobox } from "@/ui";

/** The lead that a rule is tried on; the newest unless another is chosen. */
export function LeadPicker({ value, onChange }: { value: string; onChange: (lead: string) => void }) {
  const [search] = useState("");
  const leads = useLeads({ search });
  const rows = leads.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Combobox
      aria-label="Lead to try it on"
      className="!h-7 !w-52 !text-sm"
      value={value}
      options={[
        { value: "", label: "The newest lead" },
        ...rows.map(({ id, name, company }) => ({
          value: id,
          label: name,
          ...(company ? { hint: company } : {}),
        })),
      ]}
      onValueChange={onChange}
    />
  );
}
