import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Counter, tableKeys, tablesApi, useCounters } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Cell,
  ConfirmDialog,
  Dialog,
  Field,
  HeadCell,
  IconButton,
  Input,
  Loading,
  Row,
  Skeleton,
  Table,
} from "@/ui";

/** What workflows count, and where people set it right. */
export function CountersCard() {
  const counters = useCounters();
  const client = useQueryClient();
  const [setting, setSetting] = useState<Counter | null>(null);
  const [forgetting, setForgetting] = useState<Counter | null>(null);
  const again = () => client.invalidateQueries({ queryKey: tableKeys.counters });
  return (
    <Card title="Counters" subtitle="what workflows count with" flush>
      {counters.isPending ? (
        <Loading label="Loading the counters" className="px-4 pb-3">
          <Skeleton className="h-10" />
        </Loading>
      ) : counters.isError ? (
        <QueryError error={counters.error} onRetry={() => void counters.refetch()} />
      ) : counters.data.items.length === 0 ? (
        <p className="px-4 pb-4 text-muted">
          Nothing is counted yet. The step “Add to counter” starts a counter with its first use.
        </p>
      ) : (
        <Table aria-label="Counters">
          <thead>
            <tr>
              <HeadCell>Counter</HeadCell>
              <HeadCell>For</HeadCell>
              <HeadCell numeric>Value</HeadCell>
              <HeadCell>Changed</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Actions</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {counters.data.items.map((counter) => (
              <Row key={JSON.stringify([counter.name, counter.key])}>
                <Cell className="max-w-[260px] truncate font-medium">{counter.name}</Cell>
                <Cell className="max-w-[260px] truncate">{counter.key}</Cell>
                <Cell numeric>{counter.value.toLocaleString("en")}</Cell>
                <Cell className="whitespace-nowrap text-muted">
                  <Moment at={counter.updated_at} />
                </Cell>
                <Cell className="w-0 whitespace-nowrap">
                  <IconButton
                    icon="pencil"
                    size="small"
                    label={`Set ${words(counter)}`}
                    onClick={() => setSetting(counter)}
                  />
                  <IconButton
                    icon="trash"
                    size="small"
                    label={`Forget ${words(counter)}`}
                    onClick={() => setForgetting(counter)}
                  />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      {counters.data?.more ? (
        <p className="border-t border-border px-4 py-2 text-muted">The first 500 counters are shown.</p>
      ) : null}
      {setting ? <SetCounterDialog counter={setting} onClose={() => setSetting(null)} /> : null}
      <ConfirmDialog
        open={forgetting !== null}
        onOpenChange={(open) => !open && setForgetting(null)}
        title={`Forget ${forgetting ? words(forgetting) : "the counter"}?`}
        description="It begins at 0 again when a workflow counts with it next."
        confirmLabel="Forget counter"
        danger
        onConfirm={async () => {
          if (!forgetting) return;
          try {
            await tablesApi.removeCounter({ name: forgetting.name, key: forgetting.key });
            await again();
          } catch (error) {
            sayError("The counter was not forgotten")(error);
            throw error;
          }
        }}
      />
    </Card>
  );
}

function words(counter: Counter): string {
  return counter.key ? `“${counter.name}” for ${counter.key}` : `“${counter.name}”`;
}

function SetCounterDialog({ counter, onClose }: { counter: Counter; onClose: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState(String(counter.value));
  const value = Number(text);
  const usable = text.trim() !== "" && Number.isSafeInteger(value);
  const save = useMutation({
    mutationFn: () => tablesApi.setCounter({ name: counter.name, key: counter.key, value }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: tableKeys.counters });
    },
    onError: sayError("The counter was not set"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (usable) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="small"
      title={`Set ${words(counter)}`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="set-counter" variant="primary" busy={save.isPending} disabled={!usable}>
            Set
          </Button>
        </>
      }
    >
      <form id="set-counter" onSubmit={submit}>
        <Field
          label="Value"
          {...(usable ? { help: "Workflows count on from here." } : { error: "Write a whole number." })}
        >
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
