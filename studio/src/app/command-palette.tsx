import { useNavigate } from "@tanstack/react-router";
import { Dialog as Radix } from "radix-ui";
import { useWorkflows } from "@/api";
import { OptionSearch, type SelectOption } from "@/ui";
import { useTheme } from "./theme";

const PLACES: SelectOption[] = [
  { value: "go:/workflows", label: "Workflows", icon: "workflow" },
  { value: "go:/runs", label: "Runs", icon: "play" },
  { value: "go:/tables", label: "Tables", hint: "Sheets and counters", icon: "grid" },
  { value: "go:/leads", label: "Leads", icon: "person" },
  { value: "go:/inbox", label: "Inbox", hint: "Approvals and doubts", icon: "inbox" },
  { value: "go:/jobs", label: "Jobs", hint: "Work over many runs", icon: "history" },
  { value: "go:/pools", label: "Pools", icon: "route" },
  {
    value: "go:/settings/connectors",
    label: "Connectors",
    hint: "Apps, and new ones from OpenAPI",
    icon: "grid",
  },
  { value: "go:/settings/connections", label: "Connections", hint: "Accounts in other apps", icon: "plug" },
  {
    value: "go:/settings/sync",
    label: "Two-way sync",
    hint: "Records of two apps kept in step",
    icon: "loop",
  },
  { value: "go:/settings/plugins", label: "Plugins", hint: "Steps that others wrote", icon: "puzzle" },
  { value: "go:/settings", label: "Settings", icon: "settings" },
  { value: "theme:light", label: "Light theme", hint: "Appearance", icon: "sun" },
  { value: "theme:dark", label: "Dark theme", hint: "Appearance", icon: "moon" },
];

interface CommandPaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Everything by typing: pages, workflows, the theme. Opens with Ctrl or Cmd and K. */
export function CommandPalette({ open, onOpenChange }: CommandPaletteProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-[ui-fade_0.12s] bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-[520px] -translate-x-1/2 overflow-hidden rounded-xl border border-border bg-raised shadow-float"
        >
          <Radix.Title className="visually-hidden">Search and go to</Radix.Title>
          <Commands onDone={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Commands({ onDone }: { onDone: () => void }) {
  const navigate = useNavigate();
  const workflows = useWorkflows();
  const choose = useTheme((theme) => theme.choose);
  const options: SelectOption[] = [
    ...PLACES,
    ...(workflows.data?.items ?? []).flatMap((workflow): SelectOption[] => [
      {
        value: `go:/workflows/${workflow.id}`,
        label: workflow.name,
        hint: "Open workflow",
        icon: "workflow",
      },
      {
        value: `go:/workflows/${workflow.id}/runs`,
        label: workflow.name,
        hint: "Runs of workflow",
        icon: "history",
      },
    ]),
  ];
  return (
    <OptionSearch
      value={undefined}
      options={options}
      searchPlaceholder="Go to a page or a workflow…"
      emptyText="No page or workflow matches."
      onChoose={(value) => {
        const [verb, target = ""] = split(value);
        if (verb === "go") void navigate({ to: target });
        if (verb === "theme") choose(target === "dark" ? "dark" : "light");
        onDone();
      }}
    />
  );
}

function split(value: string): [string, string] {
  const at = value.indexOf(":");
  return [value.slice(0, at), value.slice(at + 1)];
}
