import { clsx } from "clsx";
import { AlertDialog, Dialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "./button";
import { useFocusReturn } from "./focus-return";

const OVERLAY = "fixed inset-0 z-40 animate-[ui-fade_0.12s] bg-overlay";
const PANEL =
  "fixed left-1/2 z-50 flex w-[calc(100vw-32px)] -translate-x-1/2 flex-col rounded-xl border border-border bg-raised shadow-float focus:outline-none animate-[ui-fade_0.14s]";

const NORMAL_PLACE = "top-[12vh] max-h-[78vh]";
const WIDTHS = {
  small: `${NORMAL_PLACE} max-w-[420px]`,
  medium: `${NORMAL_PLACE} max-w-[560px]`,
  large: `${NORMAL_PLACE} max-w-[820px]`,
  full: "top-[5vh] max-h-[90vh] max-w-[1280px]",
};

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title. */
  description?: ReactNode;
  /** Buttons at the foot, the main one last. */
  footer?: ReactNode;
  width?: keyof typeof WIDTHS;
  children?: ReactNode;
}

/** A task that needs the whole attention. Escape and the overlay close it; the focus stays inside. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  footer,
  width = "medium",
  children,
}: DialogProps) {
  const focusReturn = useFocusReturn();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          className={clsx(PANEL, WIDTHS[width])}
          {...focusReturn}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <header className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description ? (
                <Radix.Description className="mt-0.5 text-base text-muted">{description}</Radix.Description>
              ) : null}
            </div>
            <Radix.Close asChild>
              <IconButton icon="close" label="Close" noTooltip className="-mr-2" />
            </Radix.Close>
          </header>
          {/* Scrollable regions must be reachable by keyboard even when nothing inside takes the focus. */}
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
          {footer ? (
            <footer className="flex items-center justify-end gap-2 border-t border-border px-5 py-3">
              {footer}
            </footer>
          ) : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A question: "Delete this workflow?" */
  title: string;
  /** What will happen and what cannot be undone. */
  description: ReactNode;
  /** The verb on the button: "Delete workflow". */
  confirmLabel: string;
  danger?: boolean;
  /** The dialog stays, busy, until this settles; it closes only when it succeeds. */
  onConfirm: () => Promise<unknown> | unknown;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  danger,
  onConfirm,
}: ConfirmDialogProps) {
  const [busy, setBusy] = useState(false);
  const focusReturn = useFocusReturn();
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch {
      // The caller has told the user; the dialog stays open for a second try.
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !busy && onOpenChange(next)}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={OVERLAY} />
        <AlertDialog.Content className={clsx(PANEL, WIDTHS.small, "p-5")} {...focusReturn}>
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="mt-1 text-base text-muted">
            {description}
          </AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button disabled={busy}>Cancel</Button>
            </AlertDialog.Cancel>
            <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={confirm}>
              {confirmLabel}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
