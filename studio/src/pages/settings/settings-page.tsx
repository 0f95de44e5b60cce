import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, keys, type Session, useSession } from "@/api";
import { Page } from "@/app/page";
import { sayError } from "@/app/say-error";
import { type ThemeChoice, useTheme } from "@/app/theme";
import { ErasuresCard } from "@/storage/erasures-card";
import { FilesCard } from "@/storage/files-card";
import { StorageCard } from "@/storage/storage-card";
import { Button, Card, Segmented } from "@/ui";
import { ShortcutsCard } from "./shortcuts-card";
import { TokensCard } from "./tokens-card";

const THEMES: { value: ThemeChoice; label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "Like the system" },
];

export function SettingsPage() {
  const theme = useTheme();
  return (
    <Page title="Settings" section="settings">
      <div className="mx-auto flex max-w-[760px] flex-col gap-4">
        <AccountCard />
        <Card title="Appearance">
          <div className="flex items-center justify-between gap-4">
            <p className="text-muted">The theme is kept in this browser.</p>
            <Segmented label="Theme" options={THEMES} value={theme.choice} onValueChange={theme.choose} />
          </div>
        </Card>
        <TokensCard />
        <StorageCard />
        <FilesCard />
        <ErasuresCard />
        <ShortcutsCard />
      </div>
    </Page>
  );
}

function AccountCard() {
  const session = useSession().data;
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const signOut = async () => {
    setBusy(true);
    try {
      await api.signOut();
      // The shell sees this and goes to sign-in; nothing read in this session may be shown in the next.
      client.setQueryData<Session>(keys.session, { state: "signed_out", version: session?.version ?? "" });
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    } catch (error) {
      setBusy(false);
      sayError("You were not signed out")(error);
    }
  };
  return (
    <Card title="Account">
      <div className="flex items-center justify-between gap-4">
        <div>
          <p className="font-medium">{session?.user?.email}</p>
          <p className="text-muted">
            {session?.user?.role === "owner" ? "Owner" : session?.user?.role} of{" "}
            {session?.workspace?.name ?? "this workspace"} · Trunkline {session?.version}
          </p>
        </div>
        <Button icon="sign-out" busy={busy} onClick={signOut}>
          Sign out
        </Button>
      </div>
    </Card>
  );
}
