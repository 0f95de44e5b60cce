import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

interface StateProps {
  icon?: IconName;
  title: string;
  /** What this place is for, or what went wrong; plain words. */
  children?: ReactNode;
  /** The buttons that move things on. */
  action?: ReactNode;
  className?: string;
}

/** An empty place that teaches: what would be here, why it is not yet, and the one thing to do next. */
export function EmptyState({ icon = "inbox", title, children, action, className }: StateProps) {
  return (
    <div className={clsx("flex flex-col items-center px-6 py-12 text-center", className)}>
      <span className="grid size-11 place-items-center rounded-xl bg-sunken text-muted">
        <Icon name={icon} size={22} />
      </span>
      <h2 className="mt-3 text-lg font-semibold">{title}</h2>
      {children ? (
        <div className="mt-1 max-w-[46ch] text-base text-balance text-muted">{children}</div>
      ) : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}

interface ErrorStateProps extends StateProps {
  /** The stable code of the error, linking to its page: RUN-0003. */
  code?: string;
}

/** Something failed: what happened, what to do, and the code to look up. */
export function ErrorState({ icon = "error", title, code, children, action, className }: ErrorStateProps) {
  return (
    <div role="alert" className={clsx("flex flex-col items-center px-6 py-12 text-center", className)}>
      <span className="grid size-11 place-items-center rounded-xl bg-bad-soft text-bad">
        <Icon name={icon} size={22} />
      </span>
      <h2 className="mt-3 text-lg font-semibold">{title}</h2>
      {children ? (
        <div className="mt-1 max-w-[52ch] text-base text-balance text-muted">{children}</div>
      ) : null}
      {code ? <ErrorCode code={code} className="mt-2" /> : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}

/** A stable error code that opens its page in the documentation. */
export function ErrorCode({ code, className }: { code: string; className?: string }) {
  return (
    <a
      href={`/docs/errors/${code}`}
      target="_blank"
      rel="noreferrer"
      className={clsx(
        "inline-flex items-center gap-1 font-mono text-xs text-muted underline-offset-2 hover:underline",
        className,
      )}
    >
      {code}
      <Icon name="external" size={12} />
      <span className="visually-hidden">(explained on its own page)</span>
    </a>
  );
}
