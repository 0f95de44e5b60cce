import { getRouteApi, Link } from "@tanstack/react-router";
import { type SegmentSize, useRules, useSegments } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { number } from "@/jobs/job-words";
import { NewRuleButton } from "@/rules/new-rule";
import { Card, Cell, Chip, EmptyState, HeadCell, Loading, Row, Skeleton, Table } from "@/ui";

const route = getRouteApi("/shell/segments");

/** All segments with how many leads belong to each. */
export function SegmentsPage() {
  const segments = useRules("segment");
  const sizes = useSegments();
  const count = new Map((sizes.data ?? []).map(({ name, count }: SegmentSize) => [name, count]));
  return (
    <Page title="Segments" section="leads" actions={<NewSegment />}>
      <div className="mx-auto max-w-[1120px]">
        {segments.isError ? (
          <QueryError error={segments.error} onRetry={() => void segments.refetch()} />
        ) : segments.isPending ? (
          <Loading label="Loading the segments">
            <Skeleton className="h-40 rounded-xl" />
          </Loading>
        ) : segments.data.length === 0 ? (
          <Card>
            <EmptyState icon="filter" title="No segments yet" action={<NewSegment />}>
              A segment is a rule, such as “big companies that looked at prices in the last two weeks”. Leads
              enter and leave it by themselves the moment the rule begins or ceases to hold for them.
            </EmptyState>
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Segments">
              <thead>
                <tr>
                  <HeadCell>Segment</HeadCell>
                  <HeadCell>Who belongs to it</HeadCell>
                  <HeadCell numeric>Leads</HeadCell>
                  <HeadCell>In force</HeadCell>
                </tr>
              </thead>
              <tbody>
                {segments.data.map((segment) => (
                  <Row key={segment.id}>
                    <Cell className="font-medium whitespace-nowrap">
                      <Link
                        to="/segments/$id"
                        params={{ id: segment.id }}
                        data-row-link
                        className="hover:underline"
                      >
                        {segment.name}
                      </Link>
                    </Cell>
                    <Cell className="text-muted">
                      {segment.published_words[0] ?? segment.words[0] ?? "Its draft cannot be read."}
                    </Cell>
                    <Cell numeric>
                      {segment.version === null ? "" : number(count.get(segment.name) ?? 0)}
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      {segment.version === null ? (
                        <Chip tone="warn">Draft</Chip>
                      ) : segment.changed ? (
                        <Chip tone="warn">v{segment.version} · draft differs</Chip>
                      ) : (
                        <Chip tone="ok">v{segment.version}</Chip>
                      )}
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </div>
    </Page>
  );
}

function NewSegment() {
  const navigate = route.useNavigate();
  return (
    <NewRuleButton
      kind="segment"
      label="New segment"
      suggestion=""
      draft={{ rule: { all: [{ field: "company_size", op: "at_least", value: 200 }] } }}
      onMade={(rule) => void navigate({ to: "/segments/$id", params: { id: rule.id } })}
    />
  );
}
