import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type DuplicateLearning,
  type DuplicateSettingsVersion,
  duplicateKeys,
  duplicatesApi,
  useDuplicateLearning,
  useDuplicateVersions,
} from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Loading, Skeleton, Switch, toast } from "@/ui";
import { enoughAnswers, share, signed } from "./learning-words";
import { percent } from "./pair-fields";

/** Whether answers correct the weights, what they taught, and every version of the settings. */
export function Learning() {
  const learning = useDuplicateLearning();
  if (learning.isPending) {
    return (
      <Loading label="Loading what was learned">
        <Skeleton className="h-60 rounded-xl" />
      </Loading>
    );
  }
  if (learning.isError) {
    return <QueryError error={learning.error} onRetry={() => void learning.refetch()} />;
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Answers learning={learning.data} />
      <Versions />
    </div>
  );
}

function Answers({ learning }: { learning: DuplicateLearning }) {
  const client = useQueryClient();
  const set = useMutation({
    mutationFn: (on: boolean) => duplicatesApi.setLearning(on),
    onSuccess: async (next) => {
      await client.invalidateQueries({ queryKey: duplicateKeys.all });
      toast({
        tone: "ok",
        title: next.is_on ? "Answers are learned from" : "Answers are no longer learned from",
        description: "A search applies it to the pairs that wait.",
      });
    },
    onError: sayError("Nothing was changed"),
  });
  const { merged, different, taught } = learning;
  return (
    <Card title="Learning from answers">
      <div className="flex flex-col gap-3">
        <Switch
          label="Let answers correct the weights"
          checked={learning.is_on}
          disabled={set.isPending}
          onCheckedChange={(on) => set.mutate(on)}
        />
        <p className="text-muted">
          What agreement is worth is learned from the leads themselves. When this is on, every search also
          learns from what people decided here: which roles count for more, and which for less, than it
          thought.
        </p>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          <dt className="text-muted">Merged by people</dt>
          <dd className="tabular">{merged.toLocaleString("en")}</dd>
          <dt className="text-muted">Not the same</dt>
          <dd className="tabular">{different.toLocaleString("en")}</dd>
        </dl>
        <p aria-live="polite">{enoughAnswers(learning)}</p>
        {learning.is_on && taught ? <Lesson taught={taught} /> : null}
      </div>
    </Card>
  );
}

function Lesson({ taught }: { taught: NonNullable<DuplicateLearning["taught"]> }) {
  const most = Math.max(...taught.weights.map(({ bits }) => Math.abs(bits)), 1);
  return (
    <section aria-label="What was learned" className="border-t border-border pt-3">
      <p>
        Learned from {(taught.merged + taught.different).toLocaleString("en")} answers,{" "}
        <Moment at={taught.at} />. Judged by the others, {share(taught.right_after)} of the answers would have
        been foretold; without them {share(taught.right_before)}.
      </p>
      <ul className="mt-2 flex flex-col gap-1">
        {taught.weights.slice(0, 12).map(({ text, bits }) => (
          <li key={text} className="grid grid-cols-[1fr_96px_56px] items-center gap-2 text-sm">
            <span className="truncate">{text}</span>
            <span className="h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
              <span
                className={bits < 0 ? "block h-full rounded-full bg-warn" : "block h-full rounded-full bg-ok"}
                style={{ width: `${(Math.abs(bits) / most) * 100}%` }}
              />
            </span>
            <span className="text-right tabular">{signed(bits)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Versions() {
  const client = useQueryClient();
  const versions = useDuplicateVersions();
  const restore = useMutation({
    mutationFn: (version: number) => duplicatesApi.restore(version),
    onSuccess: async (_, version) => {
      await client.invalidateQueries({ queryKey: duplicateKeys.all });
      toast({ tone: "ok", title: `As in version ${version} again` });
    },
    onError: sayError("Nothing was changed"),
  });
  return (
    <Card title="Versions" subtitle="how duplicates were looked for">
      {versions.isError ? (
        <QueryError error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      {versions.data?.length === 0 ? (
        <p className="text-muted">Nobody has changed anything yet: the usual settings are in force.</p>
      ) : null}
      <ol className="divide-y divide-border">
        {versions.data?.map((version) => (
          <Version
            key={version.version}
            version={version}
            busy={restore.isPending}
            onRestore={() => restore.mutate(version.version)}
          />
        ))}
      </ol>
    </Card>
  );
}

interface VersionProps {
  version: DuplicateSettingsVersion;
  busy: boolean;
  onRestore: () => void;
}

function Version({ version, busy, onRestore }: VersionProps) {
  const { review_above, merge_above } = version.settings;
  return (
    <li className="py-2.5 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-semibold">v{version.version}</span>
        <span className="text-muted">
          <Moment at={version.published_at} />
          {version.published_by ? ` by ${version.published_by}` : ""}
        </span>
        {version.is_in_force ? (
          <span className="text-ok">in force</span>
        ) : (
          <Button
            size="small"
            variant="ghost"
            className="ml-auto"
            disabled={busy}
            aria-label={`Go back to version ${version.version}`}
            onClick={onRestore}
          >
            Go back to it
          </Button>
        )}
      </div>
      {version.note ? <p>{version.note}</p> : null}
      <p className="text-sm text-muted">
        Shown from {percent(review_above)},{" "}
        {merge_above === null ? "nothing merged by itself" : `merged from ${percent(merge_above)}`},{" "}
        {version.learns
          ? version.answers > 0
            ? `weights corrected by ${version.answers.toLocaleString("en")} answers`
            : "learning, nothing learned yet"
          : "not learning"}
        .
      </p>
    </li>
  );
}
