import { tell } from "@/api";
import { Button, ErrorState } from "@/ui";

/** What a page shows when its data could not be read: what happened, what to do, the code, and another try. */
export function QueryError({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const told = tell(error);
  return (
    <ErrorState
      title={told.title}
      {...(told.code ? { code: told.code } : {})}
      action={
        onRetry ? (
          <Button icon="refresh" onClick={onRetry}>
            Try again
          </Button>
        ) : undefined
      }
    >
      {[told.detail, told.action].filter(Boolean).join(" ")}
    </ErrorState>
  );
}
