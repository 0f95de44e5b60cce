import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useEffect, useState } from "react";
import {
  type ConnectorChoice,
  type ConnectorImport,
  connectorKeys,
  connectorsApi,
  type DraftedConnector,
  useConnectorImport,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, Icon, Loading, Skeleton } from "@/ui";
import { AccessPart } from "./access-part";
import { firstChoice, keepChoice, keptChoice } from "./choice";
import { DocumentPart } from "./document-part";
import { InstallPart } from "./install-part";
import { OperationsPart } from "./operations-part";
import { Refusal } from "./refusal";
import { TryPart } from "./try-part";

const STEPS = [
  ["document", "Document"],
  ["operations", "Operations"],
  ["access", "Address and sign-in"],
  ["try", "Try it"],
  ["install", "Install"],
] as const;

type Step = (typeof STEPS)[number][0];

/** From an OpenAPI document to steps in the palette; nothing is installed before the last button. */
export function ConnectorImportPage() {
  const { id, again = "" } = useSearch({ from: "/shell/settings/connectors/import" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const found = useConnectorImport(id, again);
  const kept = again ? { again } : {};
  const opened = (made: ConnectorImport) => {
    client.setQueryData(connectorKeys.import(made.id, again), made);
    void navigate({ to: "/settings/connectors/import", search: { id: made.id, ...kept } });
  };
  return (
    <Page title="Add from OpenAPI" crumbs={[{ label: "Connectors", to: "/settings/connectors" }]}>
      <div className="mx-auto flex max-w-[960px] flex-col gap-4">
        {!id ? (
          <>
            <StepsBar at="document" />
            <DocumentPart again={again} onRead={opened} />
          </>
        ) : found.isPending ? (
          <Loading label="Loading the document" className="space-y-3">
            <Skeleton className="h-8 w-96" />
            <Skeleton className="h-64 rounded-xl" />
          </Loading>
        ) : found.isError ? (
          <>
            <QueryError error={found.error} />
            <div className="text-center">
              <Button onClick={() => void navigate({ to: "/settings/connectors/import", search: kept })}>
                Take another document
              </Button>
            </div>
          </>
        ) : (
          // Keyed by document: what was chosen of one is nothing to another.
          <Wizard key={id} found={found.data} again={again} />
        )}
      </div>
    </Page>
  );
}

function Wizard({ found, again }: { found: ConnectorImport; again: string }) {
  const navigate = useNavigate();
  const [step, setStep] = useState<Step>("operations");
  // What was chosen outlives a reload of the page, as the document does.
  const [choice, setChoice] = useState<ConnectorChoice>(() => keptChoice(found) ?? firstChoice(found));
  const draft = useMutation<DraftedConnector, unknown, Step>({
    mutationFn: () => connectorsApi.draft(found.id, choice),
    onSuccess: (_, next) => setStep(next),
  });
  // A step begins at its top.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the step that decides
  useEffect(() => document.querySelector("main")?.scrollTo({ top: 0 }), [step]);
  const change = (next: ConnectorChoice) => {
    draft.reset();
    setChoice(next);
    keepChoice(found, next);
  };
  const at = STEPS.findIndex(([name]) => name === step);
  const back = () => {
    const before = STEPS[at - 1]?.[0];
    if (before === "document" || before === undefined) {
      void navigate({ to: "/settings/connectors/import", search: again ? { again } : {} });
    } else {
      setStep(before);
    }
  };
  const needsDraft = step === "access";
  const next = STEPS[at + 1]?.[0] ?? "install";
  const lacks = step === "operations" || step === "access" ? lacking(step, choice) : "";
  return (
    <>
      <StepsBar at={step} />
      {step === "operations" ? <OperationsPart found={found} choice={choice} onChange={change} /> : null}
      {step === "access" ? <AccessPart found={found} choice={choice} onChange={change} /> : null}
      {step === "try" && draft.data ? <TryPart drafted={draft.data} /> : null}
      {step === "install" && draft.data ? (
        <InstallPart found={found} choice={choice} drafted={draft.data} />
      ) : null}
      {draft.isError && step === "access" ? <Refusal error={draft.error} /> : null}
      <Card className="sticky bottom-0">
        <div className="flex items-center gap-3">
          <Button icon="arrow-left" onClick={back}>
            Back
          </Button>
          <p className="min-w-0 flex-1 truncate text-sm text-muted" role="status">
            {step === "operations"
              ? `${choice.operations.length} of ${found.operations.length} operations chosen`
              : draft.isPending
                ? "Making the connector…"
                : lacks}
          </p>
          {step === "install" ? null : (
            <Button
              variant="primary"
              disabled={lacks !== ""}
              busy={draft.isPending}
              onClick={() => (needsDraft ? draft.mutate(next) : setStep(next))}
            >
              {step === "try" ? "Go on to install" : "Continue"}
            </Button>
          )}
        </div>
      </Card>
    </>
  );
}

/** What must be said before the next step; nothing when that is all there. */
function lacking(step: "operations" | "access", choice: ConnectorChoice): string {
  if (step === "operations") return choice.operations.length > 0 ? "" : "Tick what should become a step.";
  if (choice.name.trim() === "" || choice.id === "") return "Say what it is called.";
  if (choice.base_url.trim() === "") return "Enter the address of the API.";
  return choice.auth.length > 0 ? "" : "Choose at least one way to sign in.";
}

function StepsBar({ at }: { at: Step }) {
  const now = STEPS.findIndex(([step]) => step === at);
  return (
    <ol className="flex flex-wrap items-center gap-2 text-sm" aria-label="Steps of the import">
      {STEPS.map(([step, label], place) => (
        <li
          key={step}
          aria-current={place === now ? "step" : undefined}
          className={clsx("flex items-center gap-2", place === now ? "font-medium text-text" : "text-muted")}
        >
          {place > 0 ? <Icon name="chevron-right" size={14} /> : null}
          <span
            className={clsx(
              "grid size-5 place-items-center rounded-full text-xs font-semibold",
              place < now ? "bg-ok-soft text-ok" : place === now ? "bg-accent text-on-accent" : "bg-sunken",
            )}
          >
            {place < now ? <Icon name="check" size={12} /> : place + 1}
          </span>
          {label}
        </li>
      ))}
    </ol>
  );
}
