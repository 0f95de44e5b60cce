import { Link } from "@tanstack/react-router";
import type { AccountMatch, Suggestion } from "@/api";
import { percent } from "@/pages/accounts/words";
import { Button, Card, Chip, Icon, Kbd } from "@/ui";

interface SuggestionCardProps {
  suggestion: Suggestion;
  /** Its number, which is also the key that chooses it. */
  place: number;
  lead: AccountMatch;
  onChoose: () => void;
}

/** One account that may be meant: how sure, and what speaks for and against it. */
export function SuggestionCard({ suggestion, place, lead, onChoose }: SuggestionCardProps) {
  return (
    <Card
      title={
        <Link
          to="/accounts/$id"
          params={{ id: suggestion.id }}
          className="rounded-sm font-semibold hover:underline"
        >
          {suggestion.name}
        </Link>
      }
      subtitle={`${percent(suggestion.confidence)} sure`}
      aside={
        <Button
          size="small"
          variant={place === 1 ? "primary" : "default"}
          aria-label={`${lead.lead.name || "The lead"} belongs to ${suggestion.name}`}
          onClick={onChoose}
        >
          This one <Kbd>{place}</Kbd>
        </Button>
      }
    >
      <div className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
        <ul className="space-y-1" aria-label="What speaks for and against it">
          {suggestion.evidence.map((evidence) => (
            <li key={evidence.text} className="flex items-start gap-2">
              <Icon
                name={evidence.speaks_for ? "check" : "minus"}
                size={15}
                className={evidence.speaks_for ? "mt-0.5 text-ok" : "mt-0.5 text-warn"}
              />
              <span>
                <span className="visually-hidden">{evidence.speaks_for ? "For: " : "Against: "}</span>
                {evidence.text}
              </span>
            </li>
          ))}
        </ul>
        <div className="space-y-1 text-muted">
          <p>{suggestion.domains.join(", ") || "No domain"}</p>
          <p>{[suggestion.city, suggestion.country].filter(Boolean).join(", ") || "No address"}</p>
          <p className="flex flex-wrap gap-1.5">
            {suggestion.is_open ? <Chip tone="ok">Open opportunity</Chip> : null}
            {suggestion.is_named ? <Chip tone="accent">Named account</Chip> : null}
          </p>
        </div>
      </div>
    </Card>
  );
}
