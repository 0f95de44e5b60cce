import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { type Account, type AccountInput, accountKeys, accountsApi, tell, useOwners } from "@/api";
import { Button, Combobox, Dialog, Field, Input, Switch, Textarea, toast } from "@/ui";

interface AccountDialogProps {
  /** The account to change; a new one when absent. */
  account?: Account;
  /** What a new one begins with. */
  start?: Partial<Draft>;
  onClose: () => void;
  /** Called with the account instead of opening its page. */
  onDone?: (id: string) => void;
}

interface Draft {
  name: string;
  domains: string;
  aliases: string;
  owner: string;
  parent: string;
  region: string;
  country: string;
  city: string;
  postal_code: string;
  street: string;
  industry: string;
  size: string;
  is_named: boolean;
  opportunity_stage: string;
  opportunity_amount: string;
}

const EMPTY: Draft = {
  name: "",
  domains: "",
  aliases: "",
  owner: "",
  parent: "",
  region: "",
  country: "",
  city: "",
  postal_code: "",
  street: "",
  industry: "",
  size: "",
  is_named: false,
  opportunity_stage: "",
  opportunity_amount: "",
};

function draftOf(account: Account): Draft {
  return {
    name: account.name,
    domains: account.domains.join(", "),
    aliases: account.aliases.join(", "),
    owner: account.owner?.id ?? "",
    parent: account.parents[0]?.name ?? "",
    region: account.region ?? "",
    country: account.country ?? "",
    city: account.city ?? "",
    postal_code: account.postal_code ?? "",
    street: account.street ?? "",
    industry: account.industry ?? "",
    size: account.size === null ? "" : String(account.size),
    is_named: account.is_named,
    opportunity_stage: account.opportunity?.stage ?? "",
    opportunity_amount:
      account.opportunity?.amount === null || account.opportunity?.amount === undefined
        ? ""
        : String(account.opportunity.amount),
  };
}

/** Only what differs is sent, so that nobody else's change is undone. */
function changes(before: Draft, draft: Draft): AccountInput {
  const input: AccountInput = { fields: {} };
  for (const name of Object.keys(draft) as (keyof Draft)[]) {
    if (draft[name] === before[name]) continue;
    const value = draft[name];
    if (name === "owner" || name === "parent") input[name] = String(value);
    else if (name === "domains" || name === "aliases") {
      input.fields[name] = String(value)
        .split(/[,;\n]/)
        .map((part) => part.trim())
        .filter(Boolean);
    } else input.fields[name] = typeof value === "string" && value.trim() === "" ? null : value;
  }
  return input;
}

const LINES: { name: keyof Draft; label: string; help?: string }[][] = [
  [
    { name: "country", label: "Country" },
    { name: "city", label: "City" },
  ],
  [
    { name: "postal_code", label: "Postal code" },
    { name: "street", label: "Street" },
  ],
  [
    { name: "region", label: "Region", help: "The region it is sold to from." },
    { name: "industry", label: "Industry" },
  ],
  [
    { name: "size", label: "People who work there" },
    { name: "parent", label: "Part of", help: "Name or domain of another account." },
  ],
  [
    { name: "opportunity_stage", label: "Stage of the open opportunity" },
    { name: "opportunity_amount", label: "Its amount" },
  ],
];

/** A form for a new account or one that is there. */
export function AccountDialog({ account, start, onClose, onDone }: AccountDialogProps) {
  const before = account ? draftOf(account) : EMPTY;
  const [draft, setDraft] = useState<Draft>({ ...before, ...start });
  const client = useQueryClient();
  const navigate = useNavigate();
  const owners = useOwners();
  const form = useId();
  const set = <Name extends keyof Draft>(name: Name, value: Draft[Name]) =>
    setDraft((now) => ({ ...now, [name]: value }));

  const save = useMutation({
    mutationFn: () => {
      const input = changes(before, draft);
      return account ? accountsApi.change(account.id, input) : accountsApi.create(input);
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: accountKeys.all });
      toast({ tone: "ok", title: account ? `Saved ${draft.name}` : `Created ${draft.name}` });
      onClose();
      if (onDone) onDone(id);
      else if (!account) void navigate({ to: "/accounts/$id", params: { id } });
    },
  });
  const told = save.error ? tell(save.error) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.name.trim()) save.mutate();
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={account ? `Change ${account.name}` : "New account"}
      width="medium"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            type="submit"
            form={form}
            busy={save.isPending}
            disabled={!draft.name.trim()}
          >
            {account ? "Save" : "Create account"}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-3">
        {told ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        <Field label="Name" required>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={draft.name}
              onChange={(event) => set("name", event.target.value)}
            />
          )}
        </Field>
        <Field label="Domains" help="With commas between them: acme.com, acme.de. Web addresses do as well.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={draft.domains}
              onChange={(event) => set("domains", event.target.value)}
            />
          )}
        </Field>
        <Field label="Other names" help="Names leads write for it, with commas between them.">
          {(control) => (
            <Input
              {...control}
              value={draft.aliases}
              onChange={(event) => set("aliases", event.target.value)}
            />
          )}
        </Field>
        <Field label="Owner">
          {(control) => (
            <Combobox
              {...control}
              value={draft.owner || undefined}
              placeholder="Nobody"
              options={(owners.data?.items ?? []).map((owner) => ({
                value: owner.id,
                label: owner.name,
                hint: owner.email,
              }))}
              onValueChange={(owner) => set("owner", owner ?? "")}
            />
          )}
        </Field>
        {LINES.map((line) => (
          <div key={line[0]?.name} className="grid gap-3 sm:grid-cols-2">
            {line.map(({ name, label, help }) => (
              <Field key={name} label={label} help={help}>
                {(control) => (
                  <Input
                    {...control}
                    value={String(draft[name])}
                    onChange={(event) => set(name, event.target.value)}
                  />
                )}
              </Field>
            ))}
          </div>
        ))}
        <div className="flex items-center gap-3">
          <Switch
            aria-label="Named account"
            checked={draft.is_named}
            onCheckedChange={(is_named) => set("is_named", is_named)}
          />
          <span>
            Named account <span className="text-muted">(sales goes after it by name)</span>
          </span>
        </div>
      </form>
    </Dialog>
  );
}
