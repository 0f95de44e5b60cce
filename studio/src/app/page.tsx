import { Link, type LinkProps } from "@tanstack/react-router";
import { clsx } from "clsx";
import { type ReactNode, useEffect, useRef } from "react";
import { type Section, SectionTabs } from "./sections";

interface Crumb {
  label: ReactNode;
  to: LinkProps["to"];
  params?: Record<string, string>;
}

interface PageProps {
  /** Of the browser tab, and the heading unless `heading` is given. */
  title: string;
  crumbs?: Crumb[];
  heading?: ReactNode;
  /** Chips and quiet words after the heading. */
  status?: ReactNode;
  /** Shows the tabs of this section under the bar. */
  section?: Section;
  /** In the middle of the bar: tabs. */
  centre?: ReactNode;
  /** At the right end of the bar, the main one last. */
  actions?: ReactNode;
  /** No padding and no scrolling: the content fills what is left, like a canvas. */
  fill?: boolean;
  children: ReactNode;
}

/** The frame of every page: a bar with where one is and what one can do, and the content under it. */
export function Page({
  title,
  crumbs = [],
  heading,
  status,
  section,
  centre,
  actions,
  fill,
  children,
}: PageProps) {
  useEffect(() => {
    document.title = `${title} · Trunkline`;
  }, [title]);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    // The link that led here may be gone with its page; the keyboard goes on from the new content then.
    if (document.activeElement === document.body) main.current?.focus();
  }, []);
  return (
    <>
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-border bg-surface px-4">
        <div className="flex min-w-0 flex-1 items-center gap-3">
          <nav aria-label="Where you are" className="flex min-w-0 items-center gap-2 empty:hidden">
            {crumbs.map((crumb) => (
              <span key={String(crumb.to)} className="flex shrink-0 items-center gap-2 text-muted">
                <Link
                  to={crumb.to}
                  params={(crumb.params ?? {}) as never}
                  className="rounded-sm hover:text-text hover:underline"
                >
                  {crumb.label}
                </Link>
                <span aria-hidden>/</span>
              </span>
            ))}
          </nav>
          <h1
            className={clsx("min-w-0 truncate font-semibold", crumbs.length ? "-ml-1 text-base" : "text-lg")}
          >
            {heading ?? title}
          </h1>
          {status}
        </div>
        {centre}
        <div className="flex min-w-0 flex-1 items-center justify-end gap-2">{actions}</div>
      </header>
      {section ? <SectionTabs section={section} /> : null}
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        className={clsx(
          "min-h-0 flex-1 outline-none",
          fill ? "relative flex overflow-hidden" : "overflow-auto px-6 py-5",
        )}
      >
        {children}
      </main>
    </>
  );
}

const TABS = [
  { key: "build", label: "Build", to: "/workflows/$id" },
  { key: "runs", label: "Runs", to: "/workflows/$id/runs" },
  { key: "versions", label: "Versions", to: "/workflows/$id/versions" },
] as const;

/** The three sides of one workflow. Links, so that they open in a new tab and stand in the history. */
export function WorkflowTabs({ id, current }: { id: string; current: "build" | "runs" | "versions" }) {
  return (
    <nav aria-label="Parts of the workflow" className="inline-flex gap-0.5 rounded-lg bg-sunken p-[3px]">
      {TABS.map((tab) => (
        <Link
          key={tab.key}
          to={tab.to}
          params={{ id }}
          aria-current={tab.key === current ? "page" : undefined}
          className={clsx(
            "inline-flex h-6 items-center rounded-sm px-3 text-sm font-medium transition-colors",
            tab.key === current
              ? "bg-raised text-text shadow-[0_1px_2px_rgb(0_0_0/0.1)]"
              : "text-muted hover:text-text",
          )}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
