import { useState } from "react";
import type { TeamOwner } from "@/api";
import { Button, Card, Cell, HeadCell, IconButton, Row, Table } from "@/ui";
import { daysInWords, daysToCome, hoursInWords } from "./hours-words";
import { OwnerDialog } from "./owner-dialog";

/** The people leads can be given to: their hours, days off and limits. */
export function OwnersCard({ owners }: { owners: TeamOwner[] }) {
  const [editing, setEditing] = useState<TeamOwner | "new" | null>(null);
  const teams = [...new Set(owners.flatMap(({ work }) => (work?.team ? [work.team] : [])))].sort();
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Card
      title="Owners"
      subtitle="the people leads can be given to"
      flush
      aside={
        <Button size="small" icon="plus" onClick={() => setEditing("new")}>
          New owner
        </Button>
      }
    >
      {owners.length === 0 ? (
        <p className="px-4 pb-3 text-muted">
          Nobody yet. Add the people who take care of leads, then put them into a pool.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table aria-label="Owners">
            <thead>
              <tr>
                <HeadCell className="!px-4">Name</HeadCell>
                <HeadCell>Team</HeadCell>
                <HeadCell>At work</HeadCell>
                <HeadCell>Next days off</HeadCell>
                <HeadCell numeric>Open leads at most</HeadCell>
                <HeadCell>
                  <span className="visually-hidden">Change</span>
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {owners.map((owner) => {
                const [next] = daysToCome(owner.work?.days_off ?? [], today);
                return (
                  <Row key={owner.id}>
                    <Cell className="!px-4">
                      <span className="block font-medium">{owner.name}</span>
                      <span className="text-muted">{owner.email}</span>
                    </Cell>
                    <Cell>{owner.work?.team ?? <span className="text-faint">None</span>}</Cell>
                    <Cell>
                      <span className="block">{hoursInWords(owner.work)}</span>
                      {owner.work ? <span className="text-muted">{owner.work.zone}</span> : null}
                    </Cell>
                    <Cell>
                      {next ? (
                        <>
                          <span className="block">{daysInWords(next)}</span>
                          <span className="text-muted">{next.why}</span>
                        </>
                      ) : (
                        <span className="text-faint">None</span>
                      )}
                      {owner.work?.calendar ? (
                        <span className="block text-muted">Holidays: {owner.work.calendar}</span>
                      ) : null}
                    </Cell>
                    <Cell numeric>
                      {owner.work?.capacity ?? <span className="text-faint">No limit</span>}
                    </Cell>
                    <Cell className="w-10">
                      <IconButton
                        icon="pencil"
                        size="small"
                        label={`Change ${owner.name}`}
                        onClick={() => setEditing(owner)}
                      />
                    </Cell>
                  </Row>
                );
              })}
            </tbody>
          </Table>
        </div>
      )}
      {editing ? (
        <OwnerDialog
          owner={editing === "new" ? null : editing}
          teams={teams}
          onClose={() => setEditing(null)}
        />
      ) : null}
    </Card>
  );
}
