import { clsx } from "clsx";
import { useState } from "react";
import type { TeamMember, TeamOwner, TeamPool } from "@/api";
import { Card, Cell, Chip, Combobox, HeadCell, IconButton, Input, Menu, Row, Switch, Table } from "@/ui";
import { AdjustDialog } from "./adjust-dialog";
import { sharesOf, shareWords } from "./pool-shares";

/** The largest weight a member may have. */
const HEAVIEST = 100;

interface MembersCardProps {
  pool: TeamPool;
  owners: TeamOwner[];
  /** Counters are put right on a pool as it is, not on one that is being edited. */
  canAdjust: boolean;
  onChange: (members: TeamMember[]) => void;
}

/** Who takes turns: what share each gets, and the counters that decide whose turn is next. */
export function MembersCard({ pool, owners, canAdjust, onChange }: MembersCardProps) {
  const [adjusting, setAdjusting] = useState<TeamMember | null>(null);
  const { members } = pool;
  const weighted = pool.rules.turns === "by_weight";
  const shares = sharesOf(members);
  const change = (at: number, part: Partial<TeamMember>) =>
    onChange(members.map((member, index) => (index === at ? { ...member, ...part } : member)));
  const free = owners.filter((owner) => !members.some((member) => member.owner_id === owner.id));
  const nobody = members.length > 0 && shares.every((share) => share === 0);
  return (
    <Card title="Members" subtitle="who takes turns, and the counters that decide whose turn is next" flush>
      {members.length > 0 ? (
        <div className="overflow-x-auto">
          <Table aria-label={`Members of ${pool.name}`}>
            <thead>
              <tr>
                <HeadCell className="!px-4">Owner</HeadCell>
                <HeadCell>Takes leads</HeadCell>
                {weighted ? (
                  <>
                    <HeadCell>Weight</HeadCell>
                    <HeadCell className="w-[22%]">Share of new leads</HeadCell>
                  </>
                ) : null}
                <HeadCell numeric>Got so far</HeadCell>
                {weighted ? <HeadCell numeric>Credit</HeadCell> : null}
                {pool.rules.caps.length > 0 ? <HeadCell>Caps used</HeadCell> : null}
                <HeadCell>
                  <span className="visually-hidden">More</span>
                </HeadCell>
              </tr>
            </thead>
            <tbody>
              {members.map((member, index) => (
                <Row key={member.owner_id}>
                  <Cell className="!px-4">
                    <span className={clsx("font-medium", !member.active && "text-muted")}>
                      {member.owner_name}
                    </span>{" "}
                    {member.at_work ? null : <Chip>Not at work</Chip>}
                  </Cell>
                  <Cell>
                    <Switch
                      aria-label={`${member.owner_name} takes leads`}
                      checked={member.active}
                      onCheckedChange={(active) => change(index, { active })}
                    />
                  </Cell>
                  {weighted ? (
                    <>
                      <Cell>
                        <Input
                          type="number"
                          size="small"
                          min={0}
                          max={HEAVIEST}
                          className="!w-16 tabular"
                          aria-label={`Weight of ${member.owner_name}`}
                          value={member.weight}
                          onChange={(event) => {
                            const wanted = Math.round(event.target.valueAsNumber) || 0;
                            change(index, { weight: Math.max(0, Math.min(HEAVIEST, wanted)) });
                          }}
                        />
                      </Cell>
                      <Cell>
                        <ShareBar share={shares[index] ?? 0} />
                      </Cell>
                    </>
                  ) : null}
                  <Cell numeric>{member.assigned.toLocaleString("en")}</Cell>
                  {weighted ? <Cell numeric>{signed(member.credit)}</Cell> : null}
                  {pool.rules.caps.length > 0 ? (
                    <Cell>
                      {member.caps.length === 0 ? <span className="text-faint">None</span> : null}
                      {member.caps.map((cap) => (
                        <span key={cap.cap} className="block tabular" title={`${cap.cap}, ${cap.window}`}>
                          {cap.count} of {cap.limit} <span className="text-muted">({cap.window})</span>
                        </span>
                      ))}
                    </Cell>
                  ) : null}
                  <Cell className="w-10">
                    <Menu
                      align="end"
                      trigger={
                        <IconButton
                          icon="more"
                          size="small"
                          label={`More for ${member.owner_name}`}
                          noTooltip
                        />
                      }
                      entries={[
                        {
                          label: canAdjust ? "Adjust counters…" : "Adjust counters… (save first)",
                          icon: "gauge",
                          disabled: !canAdjust,
                          onSelect: () => setAdjusting(member),
                        },
                        {
                          label: "Take out of the pool",
                          icon: "close",
                          danger: true,
                          onSelect: () => onChange(members.filter((_, other) => other !== index)),
                        },
                      ]}
                    />
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      ) : (
        <p className="px-4 pb-1 text-muted">
          Nobody is in this pool yet, so a lead routed to it finds no owner. Add the first member.
        </p>
      )}
      {nobody ? (
        <p className="px-4 pt-2 text-warn">
          Nobody takes leads at the moment: a lead routed here goes to the fallback.
        </p>
      ) : null}
      <div className="px-4 py-3">
        {free.length > 0 ? (
          <Combobox
            aria-label={`Add a member to ${pool.name}`}
            className="max-w-64"
            value={undefined}
            placeholder="Add a member…"
            options={free.map((owner) => ({ value: owner.id, label: owner.name, hint: owner.email }))}
            onValueChange={(id) => {
              const owner = free.find((candidate) => candidate.id === id);
              if (owner) onChange([...members, newMember(owner)]);
            }}
          />
        ) : (
          <p className="text-xs text-muted">Every owner is in this pool. Add further people under Pools.</p>
        )}
      </div>
      {adjusting ? <AdjustDialog pool={pool} member={adjusting} onClose={() => setAdjusting(null)} /> : null}
    </Card>
  );
}

function newMember(owner: TeamOwner): TeamMember {
  return {
    owner_id: owner.id,
    owner_name: owner.name,
    weight: 1,
    assigned: 0,
    active: true,
    credit: 0,
    at_work: true,
    caps: [],
  };
}

function signed(credit: number): string {
  return credit > 0 ? `+${credit}` : String(credit).replace("-", "−");
}

function ShareBar({ share }: { share: number }) {
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden className="h-2 flex-1 overflow-hidden rounded-full bg-sunken">
        <span
          className="block h-full rounded-full bg-lead transition-[width]"
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="w-14 text-muted tabular">{shareWords(share)}</span>
    </span>
  );
}
