import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ActionInputs, connectorsApi, type DraftedConnector } from "@/api";
import { sentence } from "@/forms/sentence";
import { Button, Card, Chip, ErrorCode, Field, Icon, JsonView, Select } from "@/ui";
import { Refusal } from "./refusal";
import { examples, Inputs, readInputs } from "./try-inputs";
import { firstProof, isWhole, type Proof, ProofFields, sentProof } from "./try-proof";

/** One real call of one action, before anything is installed. */
export function TryPart({ drafted }: { drafted: DraftedConnector }) {
  const { app, actions } = drafted.preview;
  const [name, setName] = useState(() => (actions.find(({ writes }) => !writes) ?? actions[0])?.name ?? "");
  // Entered once for all actions that are tried.
  const [proof, setProof] = useState<Proof>(() => firstProof(app));
  const action = actions.find((one) => one.name === name);
  return (
    <Card
      title="Try it"
      subtitle="One real call. What you enter here is used for it and forgotten when you go on. You can also skip this."
    >
      <div className="flex flex-col gap-4">
        <ProofFields app={app} proof={proof} onChange={setProof} />
        <Field label="Action">
          {(control) => (
            <Select
              {...control}
              value={name}
              options={actions.map((one) => ({
                value: one.name,
                label: one.title,
                hint: one.writes ? "writes" : "reads",
              }))}
              onValueChange={setName}
            />
          )}
        </Field>
        {action ? <Trial key={action.name} drafted={drafted} action={action} proof={proof} /> : null}
      </div>
    </Card>
  );
}

interface TrialProps {
  drafted: DraftedConnector;
  action: ActionInputs;
  proof: Proof;
}

function Trial({ drafted, action, proof }: TrialProps) {
  const [inputs, setInputs] = useState<Record<string, string>>(() => examples(action));
  const [wrong, setWrong] = useState("");
  const attempt = useMutation({
    mutationFn: (input: Record<string, unknown>) =>
      connectorsApi.attempt({
        manifest: drafted.manifest,
        action: action.name,
        input,
        ...sentProof(proof),
      }),
  });
  const send = () => {
    const read = readInputs(action, inputs);
    setWrong(typeof read === "string" ? read : "");
    if (typeof read !== "string") attempt.mutate(read);
  };
  return (
    <div className="flex flex-col gap-4">
      <Inputs action={action} values={inputs} onChange={setInputs} />
      {wrong ? (
        <p role="alert" className="text-sm text-bad">
          {wrong}
        </p>
      ) : null}
      <div className="flex items-center gap-3">
        <Button
          icon="play"
          disabled={!isWhole(drafted.preview.app, proof)}
          busy={attempt.isPending}
          onClick={send}
        >
          {action.writes ? "Send it for real" : "Call it"}
        </Button>
        {action.writes ? (
          <p className="flex items-center gap-1 text-sm text-warn">
            <Icon name="warning" size={14} /> This changes something in the app.
          </p>
        ) : null}
      </div>
      {attempt.isError ? <Refusal error={attempt.error} /> : null}
      {attempt.data ? (
        <section aria-label="What came of it" className="rounded-lg border border-border p-3">
          <p className="flex flex-wrap items-center gap-2 font-semibold">
            {attempt.data.ok ? <Chip tone="ok">It works</Chip> : <Chip tone="bad">It did not work</Chip>}
          </p>
          {attempt.data.error ? (
            <p className="mt-1 text-sm text-bad">
              {sentence(attempt.data.error.message)} {sentence(attempt.data.error.action)}{" "}
              <ErrorCode code={attempt.data.error.code} />
            </p>
          ) : null}
          <div className="mt-2 grid gap-3 sm:grid-cols-2">
            <div className="min-w-0">
              <h3 className="text-xs font-semibold text-muted">What was sent</h3>
              <JsonView label="What was sent" value={attempt.data.request} />
            </div>
            {attempt.data.ok ? (
              <div className="min-w-0">
                <h3 className="text-xs font-semibold text-muted">What the step puts out</h3>
                <JsonView label="What the step puts out" value={attempt.data.output} />
              </div>
            ) : null}
          </div>
        </section>
      ) : null}
    </div>
  );
}
