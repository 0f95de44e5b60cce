/**
 * The places of the studio that hold several pages: which pages they are, and the tabs that lead from one to the next.
 *
 * A tab appears as soon as the router has its page, so a new page is a route in `router.tsx` and, when it is not named
 * here yet, a line in the list. The rail knows the sections by this list as well and stays short.
 */
import { Link, useRouter, useRouterState } from "@tanstack/react-router";
import { clsx } from "clsx";

/** A page of a section. */
export interface SectionPage {
  to: string;
  label: string;
}

export const SECTIONS = {
  leads: [
    { to: "/leads", label: "Leads" },
    { to: "/accounts", label: "Accounts" },
    { to: "/segments", label: "Segments" },
    { to: "/imports", label: "Imports" },
    { to: "/duplicates", label: "Duplicates" },
    { to: "/unmatched", label: "Unmatched" },
  ],
  rules: [
    { to: "/scoring", label: "Scoring" },
    { to: "/lifecycle", label: "Lifecycle" },
    { to: "/matching", label: "Matching" },
    { to: "/routing", label: "Routing" },
    { to: "/pools", label: "Pools" },
    { to: "/sla", label: "SLA" },
    { to: "/enrichment", label: "Enrichment" },
    { to: "/suppression", label: "Suppression" },
    { to: "/fields", label: "Fields" },
  ],
  settings: [
    { to: "/settings", label: "General" },
    { to: "/settings/connections", label: "Connections" },
    { to: "/settings/sync", label: "Two-way sync" },
    { to: "/settings/connectors", label: "Connectors" },
    { to: "/settings/plugins", label: "Plugins" },
  ],
} as const satisfies Record<string, readonly SectionPage[]>;

export type Section = keyof typeof SECTIONS;

const WORDS: Record<Section, string> = { leads: "Leads", rules: "Rules", settings: "Settings" };

/** The pages of a section that there are. */
export function useSectionPages(section: Section): readonly SectionPage[] {
  const known: Record<string, unknown> = useRouter().routesByPath;
  return SECTIONS[section].filter((page) => page.to in known);
}

/** Whether `path` is `page` or something under it. */
export function isWithin(page: string, path: string): boolean {
  return path === page || path.startsWith(`${page}/`);
}

/** The page of `pages` that `path` belongs to: of several, the one that says most. */
export function currentPage(pages: readonly SectionPage[], path: string): string | undefined {
  const around = pages.filter((page) => isWithin(page.to, path)).map((page) => page.to);
  return around.sort((one, other) => other.length - one.length)[0];
}

/** The tabs of a section, under the bar of each of its pages. Links, so that they open in a new tab. */
export function SectionTabs({ section }: { section: Section }) {
  const pages = useSectionPages(section);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const at = currentPage(pages, path);
  return (
    <nav
      aria-label={`Parts of ${WORDS[section]}`}
      className="flex shrink-0 gap-1 overflow-x-auto border-b border-border bg-surface px-3"
    >
      {pages.map((page) => {
        const current = page.to === at;
        return (
          <Link
            key={page.to}
            to={page.to}
            aria-current={current ? "page" : undefined}
            className={clsx(
              "inline-flex h-9 shrink-0 items-center border-b-2 px-2.5 text-sm font-medium transition-colors",
              current
                ? "border-accent text-text"
                : "border-transparent text-muted hover:border-border hover:text-text",
            )}
          >
            {page.label}
          </Link>
        );
      })}
    </nav>
  );
}
