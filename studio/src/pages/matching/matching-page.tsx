import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  accountKeys,
  accountsApi,
  type MatchingInForce,
  type MatchingSettings,
  tell,
  useMatching,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import {
  Button,
  Card,
  Chip,
  Field,
  IconButton,
  Input,
  Loading,
  Skeleton,
  Switch,
  Textarea,
  toast,
} from "@/ui";
import { MatchAgainCard } from "./match-again";

/** What each tie-breaker prefers. */
const BREAKERS: Record<string, string> = {
  open_opportunity: "The account with an open opportunity",
  named_account: "A named account",
  region: "The account in the lead’s region, or else in its country",
  most_recent_activity: "The account where something happened most recently",
  most_leads: "The account with the most leads",
  top_of_hierarchy: "The account at the top of a hierarchy",
};

/** How leads are matched to accounts: when that is sure enough, and what decides between accounts that fit alike. */
export function MatchingPage() {
  const matching = useMatching();
  return (
    <Page
      title="Matching"
      section="rules"
      status={
        matching.data ? (
          <Chip>{matching.data.version === null ? "Defaults" : `Version ${matching.data.version}`}</Chip>
        ) : null
      }
    >
      <div className="mx-auto max-w-[860px]">
        {matching.isPending ? (
          <Loading label="Loading the settings" className="space-y-4">
            <Skeleton className="h-48 rounded-xl" />
            <Skeleton className="h-64 rounded-xl" />
          </Loading>
        ) : matching.isError ? (
          <QueryError error={matching.error} onRetry={() => void matching.refetch()} />
        ) : (
          <div className="flex flex-col gap-4">
            <SettingsForm key={matching.data.version ?? 0} inForce={matching.data} />
            <MatchAgainCard />
          </div>
        )}
      </div>
    </Page>
  );
}

interface Draft {
  accept: string;
  suggest: string;
  margin: string;
  breakers: string[];
  providers: string;
}

const asPercent = (share: number) => String(Math.round(share * 100));

function draftOf(settings: MatchingSettings): Draft {
  return {
    accept: asPercent(settings.accept_from),
    suggest: asPercent(settings.suggest_from),
    margin: asPercent(settings.margin),
    breakers: settings.tie_breakers,
    providers: settings.mailbox_providers.join("\n"),
  };
}

function settingsOf(draft: Draft): MatchingSettings {
  return {
    accept_from: Number(draft.accept) / 100,
    suggest_from: Number(draft.suggest) / 100,
    margin: Number(draft.margin) / 100,
    tie_breakers: draft.breakers,
    mailbox_providers: draft.providers
      .split(/[\s,;]+/)
      .map((domain) => domain.trim())
      .filter(Boolean),
  };
}

function SettingsForm({ inForce }: { inForce: MatchingInForce }) {
  const client = useQueryClient();
  const before = draftOf(inForce.settings);
  const [draft, setDraft] = useState(before);
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const changed = JSON.stringify(draft) !== JSON.stringify(before);
  const publish = useMutation({
    mutationFn: () => accountsApi.setMatching({ settings: settingsOf(draft), base_version: inForce.version }),
    onSuccess: (next) => {
      client.setQueryData(accountKeys.matching, next);
      toast({ tone: "ok", title: `Version ${next.version} is in force` });
    },
  });
  const told = publish.error ? tell(publish.error) : null;
  const percents: { name: "accept" | "suggest" | "margin"; label: string; help: string }[] = [
    { name: "accept", label: "Match from", help: "From this confidence on, without asking (50 to 100)." },
    { name: "suggest", label: "Suggest from", help: "Below that, a person is asked (20 or more)." },
    { name: "margin", label: "Alike within", help: "Accounts this close together fit alike (0 to 30)." },
  ];
  return (
    <>
      <Card title="In force">
        <ul className="list-disc space-y-1 pl-5">
          {inForce.words.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Card>
      <Card
        title="Settings"
        aside={
          <>
            <Button size="small" disabled={!changed || publish.isPending} onClick={() => setDraft(before)}>
              Discard
            </Button>
            <Button
              size="small"
              variant="primary"
              busy={publish.isPending}
              disabled={!changed}
              onClick={() => publish.mutate()}
            >
              Publish
            </Button>
          </>
        }
      >
        {told ? (
          <p role="alert" className="mb-3 rounded-md bg-bad-soft px-3 py-2 text-bad">
            {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        <div className="grid gap-4 sm:grid-cols-3">
          {percents.map(({ name, label, help }) => (
            <Field key={name} label={`${label} (%)`} help={help}>
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  max={100}
                  className="tabular"
                  value={draft[name]}
                  onChange={(event) => set({ [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <TieBreakers
          all={inForce.tie_breakers}
          chosen={draft.breakers}
          onChange={(breakers) => set({ breakers })}
        />
        <Field
          className="mt-4"
          label="Further mailbox providers"
          help="Domains where anybody can have an address, one a line. Gmail, Outlook and some hundred others are known."
        >
          {(control) => (
            <Textarea
              {...control}
              rows={3}
              value={draft.providers}
              onChange={(event) => set({ providers: event.target.value })}
            />
          )}
        </Field>
      </Card>
    </>
  );
}

interface TieBreakersProps {
  all: string[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

/** The tie-breakers in their order; those switched off stand below. */
function TieBreakers({ all, chosen, onChange }: TieBreakersProps) {
  const rest = all.filter((breaker) => !chosen.includes(breaker));
  const move = (at: number, by: 1 | -1) => {
    const next = [...chosen];
    const [taken] = next.splice(at, 1);
    if (taken) next.splice(at + by, 0, taken);
    onChange(next);
  };
  return (
    <section aria-label="Tie-breakers" className="mt-4">
      <h3 className="font-medium">When several accounts fit alike, first goes</h3>
      <ol className="mt-2 divide-y divide-border rounded-md border border-border">
        {[...chosen, ...rest].map((breaker, at) => {
          const on = at < chosen.length;
          const words = BREAKERS[breaker] ?? breaker;
          return (
            <li key={breaker} className="flex items-center gap-3 px-3 py-2">
              <span className="w-5 text-muted tabular">{on ? `${at + 1}.` : ""}</span>
              <span className={on ? "flex-1" : "flex-1 text-muted"}>{words}</span>
              <IconButton
                icon="arrow-up"
                size="small"
                label={`Move up: ${words}`}
                disabled={!on || at === 0}
                onClick={() => move(at, -1)}
              />
              <IconButton
                icon="arrow-down"
                size="small"
                label={`Move down: ${words}`}
                disabled={!on || at >= chosen.length - 1}
                onClick={() => move(at, 1)}
              />
              <Switch
                aria-label={words}
                checked={on}
                onCheckedChange={(wanted) =>
                  onChange(wanted ? [...chosen, breaker] : chosen.filter((other) => other !== breaker))
                }
              />
            </li>
          );
        })}
      </ol>
      <p className="mt-2 text-sm text-muted">
        The first that tells the accounts apart decides. If none does, a person is asked under Unmatched.
      </p>
    </section>
  );
}
