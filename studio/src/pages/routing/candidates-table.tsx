import type { Candidate } from "@/api";
import { Cell, Chip, HeadCell, Row, Table } from "@/ui";
import { moved, OUTCOME_TONES, OUTCOME_WORDS } from "./decision-words";

/** Everybody who might have got a lead: why they did or did not, and their counters before and after. */
export function CandidatesTable({ candidates }: { candidates: Candidate[] }) {
  const open = candidates.some((one) => one.before.open !== undefined);
  const credit = candidates.some((one) => one.before.credit !== 0 || one.after.credit !== 0);
  return (
    <div className="overflow-x-auto">
      <Table aria-label="Candidates">
        <thead>
          <tr>
            <HeadCell className="!pl-0">Candidate</HeadCell>
            <HeadCell>Outcome</HeadCell>
            <HeadCell numeric>Leads so far</HeadCell>
            {credit ? <HeadCell numeric>Credit</HeadCell> : null}
            {open ? <HeadCell numeric>Open</HeadCell> : null}
          </tr>
        </thead>
        <tbody>
          {candidates.map((one) => (
            <Row key={one.owner_id}>
              <Cell className="!pl-0 align-top">
                <span className="font-medium">{one.name}</span>
                <span className="block text-muted">{reason(one)}</span>
                {one.before.counts?.map((count, place) => (
                  <span key={count.cap} className="block text-muted">
                    {count.cap}: {moved(count.count, one.after.counts?.[place]?.count ?? count.count)}
                  </span>
                ))}
              </Cell>
              <Cell className="align-top">
                <Chip tone={OUTCOME_TONES[one.outcome]}>{OUTCOME_WORDS[one.outcome]}</Chip>
              </Cell>
              <Cell numeric className="align-top whitespace-nowrap">
                {moved(one.before.assigned, one.after.assigned)}
              </Cell>
              {credit ? (
                <Cell numeric className="align-top whitespace-nowrap">
                  {moved(one.before.credit, one.after.credit)}
                </Cell>
              ) : null}
              {open ? (
                <Cell numeric className="align-top whitespace-nowrap">
                  {moved(one.before.open ?? 0, one.after.open ?? 0)}
                </Cell>
              ) : null}
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function reason({ why, weight }: Candidate): string {
  const said = why.charAt(0).toUpperCase() + why.slice(1);
  return weight > 1 ? `${said} (weight ${weight}).` : `${said}.`;
}
