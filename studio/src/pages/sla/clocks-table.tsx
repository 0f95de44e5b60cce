import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type SlaClock, serviceLevels } from "@/api";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import {
  Card,
  Cell,
  Chip,
  HeadCell,
  IconButton,
  Menu,
  Row,
  SearchInput,
  Segmented,
  Table,
  toast,
} from "@/ui";
import { CALLED, leftInWords, STATE_TONES, STATE_WORDS } from "./clock-words";
import { ReassignDialog } from "./reassign-dialog";

/** Rows shown before one asks for more. */
const SHOWN = 50;

const FILTERS = [
  { value: "all", label: "All" },
  { value: "warned", label: "At risk" },
  { value: "breached", label: "Overdue" },
];

/** Clocks that wait for somebody, the first due first; a lead is accepted or handed on from here. */
export function ClocksTable({ clocks }: { clocks: SlaClock[] }) {
  const client = useQueryClient();
  const [filter, setFilter] = useState("all");
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(SHOWN);
  const [moving, setMoving] = useState<SlaClock | null>(null);
  const accept = useMutation({
    mutationFn: (clock: SlaClock) => serviceLevels.accept(clock.lead_id),
    onSuccess: async (_, clock) => {
      toast({ tone: "ok", title: `${clock.lead || "The lead"} is accepted for ${clock.owner_name}` });
      await client.invalidateQueries({ queryKey: ["sla"] });
    },
    onError: sayError("The lead was not accepted"),
  });
  const words = search.trim().toLowerCase();
  const found = clocks.filter(
    (clock) =>
      (filter === "all" || clock.state === filter) &&
      `${clock.lead} ${clock.owner_name} ${clock.policy}`.toLowerCase().includes(words),
  );
  return (
    <Card
      title="Clocks"
      subtitle={`${clocks.length} wait for somebody`}
      flush
      aside={
        clocks.length > 0 ? (
          <>
            <SearchInput
              label="Lead, owner or policy"
              value={search}
              onValueChange={setSearch}
              className="w-[210px]"
            />
            <Segmented label="Which clocks" value={filter} options={FILTERS} onValueChange={setFilter} />
          </>
        ) : null
      }
    >
      {found.length === 0 ? (
        <p className="px-4 pb-3 text-muted">
          {clocks.length === 0
            ? "No clock runs. One starts when a lead gets an owner and a policy fits it."
            : "No clock matches."}
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table aria-label="Clocks">
            <thead>
              <tr>
                <HeadCell className="!px-4">Lead</HeadCell>
                <HeadCell>State</HeadCell>
                <HeadCell>What</HeadCell>
                <HeadCell>Owner</HeadCell>
                <HeadCell numeric>Working time left</HeadCell>
                <HeadCell>Due</HeadCell>
                <HeadCell>Policy</HeadCell>
                <HeadCell>
                  <span className="visually-hidden">Actions</span>
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, most).map((clock) => (
                <Row key={clock.id}>
                  <Cell className="!px-4">
                    <Link
                      data-row-link
                      to="/leads/$id"
                      params={{ id: clock.lead_id }}
                      className="rounded-sm font-medium text-accent-text hover:underline"
                    >
                      {clock.lead || "Lead without a name"}
                    </Link>
                  </Cell>
                  <Cell>
                    <Chip tone={STATE_TONES[clock.state]}>{STATE_WORDS[clock.state]}</Chip>
                  </Cell>
                  <Cell>{CALLED[clock.kind]}</Cell>
                  <Cell>
                    {clock.owner_name}
                    {clock.handed_on > 0 ? (
                      <span className="text-muted"> (handed on {times(clock.handed_on)})</span>
                    ) : null}
                  </Cell>
                  <Cell numeric>{leftInWords(clock.seconds_left)}</Cell>
                  <Cell className="whitespace-nowrap">{clock.due_at ? dateTime(clock.due_at) : "Never"}</Cell>
                  <Cell>{clock.policy}</Cell>
                  <Cell className="w-10">
                    <Menu
                      align="end"
                      trigger={
                        <IconButton
                          icon="more"
                          size="small"
                          label={`${CALLED[clock.kind]} of ${clock.lead || "the lead"}`}
                          noTooltip
                        />
                      }
                      entries={[
                        ...(clock.kind === "accept"
                          ? [
                              {
                                label: "Accept for the owner",
                                icon: "check" as const,
                                onSelect: () => accept.mutate(clock),
                              },
                            ]
                          : []),
                        {
                          label: "Reassign…",
                          icon: "route" as const,
                          onSelect: () => setMoving(clock),
                        },
                      ]}
                    />
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      )}
      {found.length > most ? (
        <button
          type="button"
          className="w-full border-t border-border px-4 py-2 text-sm font-medium text-accent-text hover:bg-hover"
          onClick={() => setMost(most + SHOWN)}
        >
          Show {Math.min(SHOWN, found.length - most)} more of {found.length}
        </button>
      ) : null}
      {moving ? <ReassignDialog clock={moving} onClose={() => setMoving(null)} /> : null}
    </Card>
  );
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
