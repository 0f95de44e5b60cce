import { useRouter } from "@tanstack/react-router";
import { ApiError, tell } from "@/api";
import { Button, ErrorState } from "@/ui";

/** What a page shows when its data could not be read: what happened, what to do, the code, and a way on. */
export function QueryError({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const told = tell(error);
  return (
    <ErrorState
      title={told.title}
      {...(told.code ? { code: told.code } : {})}
      action={isGone(error) ? <BackButton /> : onRetry ? <RetryButton onRetry={onRetry} /> : undefined}
    >
      {[told.detail, told.action].filter(Boolean).join(" ")}
    </ErrorState>
  );
}

/** Asking again for what does not exist, or for what is no id at all, leads nowhere. */
function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 400);
}

function RetryButton({ onRetry }: { onRetry: () => void }) {
  return (
    <Button icon="refresh" onClick={onRetry}>
      Try again
    </Button>
  );
}

function BackButton() {
  const { history } = useRouter();
  return (
    <Button icon="arrow-left" onClick={() => history.back()}>
      Go back
    </Button>
  );
}
