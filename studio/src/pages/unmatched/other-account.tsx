import { useState } from "react";
import { useAccounts } from "@/api";
import { PausedSearch } from "@/app/paused-search";
import { count } from "@/pages/accounts/words";
import { Button, Dialog } from "@/ui";

/** Accounts that are shown before one narrows the search. */
const SHOWN = 12;

interface OtherAccountProps {
  onChoose: (account: { id: string; name: string }) => void;
}

/** Any account at all, for when the right one is not among the suggestions. */
export function OtherAccount({ onChoose }: OtherAccountProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon="search" onClick={() => setOpen(true)}>
        Another account…
      </Button>
      {open ? (
        <FindAccount
          onClose={() => setOpen(false)}
          onChoose={(account) => {
            setOpen(false);
            onChoose(account);
          }}
        />
      ) : null}
    </>
  );
}

function FindAccount({ onClose, onChoose }: OtherAccountProps & { onClose: () => void }) {
  const [search, setSearch] = useState("");
  const accounts = useAccounts(search ? { search } : {});
  const items = accounts.data?.pages[0]?.items.slice(0, SHOWN) ?? [];
  const total = accounts.data?.pages[0]?.total ?? 0;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Choose an account"
      width="small"
      footer={<Button onClick={onClose}>Cancel</Button>}
    >
      <PausedSearch label="Find an account by name, domain or city" value={search} onSearch={setSearch} />
      <ul className="mt-3 divide-y divide-border" aria-label="Accounts">
        {items.map((account) => (
          <li key={account.id}>
            <button
              type="button"
              className="block w-full rounded-sm px-2 py-2 text-left hover:bg-hover"
              onClick={() => onChoose(account)}
            >
              <span className="block font-medium">{account.name}</span>
              <span className="block text-sm text-muted">
                {[account.domains[0], account.city, account.country].filter(Boolean).join(" · ") ||
                  "No domain"}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="mt-2 text-sm text-muted" role="status">
        {accounts.isPending
          ? "Looking…"
          : total === 0
            ? "No account matches."
            : total > items.length
              ? `${count(total - items.length, "more account")}: type to narrow it down.`
              : ""}
      </p>
    </Dialog>
  );
}
