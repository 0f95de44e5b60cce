import { Link, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useInboxCount } from "@/api";
import { Icon, IconButton, type IconName, Tooltip } from "@/ui";
import { isWithin, type Section, useSectionPages } from "./sections";

const PLACES = [
  { to: "/workflows", label: "Workflows", icon: "workflow" },
  { to: "/runs", label: "Runs", icon: "play" },
  { to: "/tables", label: "Tables", icon: "grid" },
] as const;

const LIT = "!bg-accent-soft !text-accent-text";

/** The narrow bar at the left: where one can go. */
export function Rail({ onSearch }: { onSearch: () => void }) {
  return (
    <nav
      aria-label="Main"
      className="flex w-14 shrink-0 flex-col items-center gap-1.5 border-r border-border bg-surface py-2.5"
    >
      <Link
        to="/workflows"
        aria-label="Trunkline, to the workflows"
        className="mb-2 grid size-[30px] place-items-center rounded-lg bg-text text-inverse"
      >
        <Mark />
      </Link>
      {PLACES.map((place) => (
        <RailLink key={place.to} {...place} />
      ))}
      <SectionLink section="leads" label="Leads" icon="person" />
      <SectionLink section="rules" label="Rules" icon="route" />
      <InboxLink />
      <div className="flex-1" />
      <IconButton
        icon="search"
        label="Search and go to"
        kbd={`${COMMAND_KEY}K`}
        tooltipSide="right"
        className="size-[38px] rounded-lg"
        onClick={onSearch}
      />
      <RailLink to="/settings" label="Settings" icon="settings" />
    </nav>
  );
}

/** "⌘" on Apple's keyboards, "Ctrl " elsewhere. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl ";

/** Says how much waits for a person, wherever one is. */
function InboxLink() {
  const count = useInboxCount();
  return <RailLink to="/inbox" label="Inbox" icon="inbox" count={count} />;
}

/** Leads to the first page of a section, and is lit on each of them. */
function SectionLink({ section, label, icon }: { section: Section; label: string; icon: IconName }) {
  const pages = useSectionPages(section);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = pages[0];
  if (!first) return null;
  const lit = pages.some((page) => isWithin(page.to, path));
  return <RailLink to={first.to} label={label} icon={icon} lit={lit} />;
}

interface RailLinkProps {
  to: string;
  label: string;
  icon: IconName;
  count?: number;
  /** Whether one is there, when the address alone does not tell. */
  lit?: boolean;
}

function RailLink({ to, label, icon, count = 0, lit }: RailLinkProps) {
  return (
    <Tooltip label={label} side="right">
      <Link
        to={to}
        aria-label={count > 0 ? `${label}, ${count.toLocaleString("en")} waiting` : label}
        className={clsx(
          "relative grid size-[38px] place-items-center rounded-lg text-muted transition-colors hover:bg-hover hover:text-text",
          lit && LIT,
        )}
        activeProps={{ className: LIT }}
      >
        <Icon name={icon} />
        {count > 0 ? (
          <span
            aria-hidden
            className="absolute top-0.5 right-0 min-w-4 rounded-full bg-accent px-1 text-center text-2xs leading-4 font-semibold text-on-accent tabular"
          >
            {count > 99 ? "99+" : count}
          </span>
        ) : null}
      </Link>
    </Tooltip>
  );
}

/** The trunk line that parts into branches. */
export function Mark({ size = 18 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden>
      <path d="M3 12h18M8 12c4 0 4 7 9 7M8 12c4 0 4-7 9-7" strokeWidth={2.6} strokeLinecap="round" />
    </svg>
  );
}
