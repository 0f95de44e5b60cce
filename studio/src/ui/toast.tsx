import { clsx } from "clsx";
import { Toast as Radix } from "radix-ui";
import { create } from "zustand";
import { Icon, type IconName } from "./icon";
import { ErrorCode } from "./state";

type ToastTone = "neutral" | "ok" | "bad";

interface ToastMessage {
  title: string;
  description?: string;
  tone?: ToastTone;
  /** Error code, linked to its page. */
  code?: string;
  /** One way on, "Undo" say. */
  action?: { label: string; onSelect: () => void };
  /** How long it stays, in ms; 5,000 unless told, longer with an action. */
  duration?: number;
}

interface Shown extends ToastMessage {
  id: number;
}

interface Toasts {
  shown: Shown[];
  show: (message: ToastMessage) => void;
  dismiss: (id: number) => void;
}

let nextId = 1;

const useToasts = create<Toasts>((set) => ({
  shown: [],
  // Four at most: an old message in the way of a new one helps nobody.
  show: (message) => set((state) => ({ shown: [...state.shown.slice(-3), { ...message, id: nextId++ }] })),
  dismiss: (id) => set((state) => ({ shown: state.shown.filter((toast) => toast.id !== id) })),
}));

/** Says something in the corner, from anywhere: `toast({ title: "Published version 4", tone: "ok" })`. */
export function toast(message: ToastMessage): void {
  useToasts.getState().show(message);
}

const ICONS: Record<ToastTone, IconName> = { neutral: "info", ok: "done", bad: "error" };
const COLOURS: Record<ToastTone, string> = { neutral: "text-muted", ok: "text-ok", bad: "text-bad" };

/** Mounted once by the app. */
export function Toaster() {
  const { shown, dismiss } = useToasts();
  return (
    <Radix.Provider swipeDirection="right" label="Notification">
      {shown.map((message) => {
        const tone = message.tone ?? "neutral";
        return (
          <Radix.Root
            key={message.id}
            type={tone === "bad" ? "foreground" : "background"}
            duration={message.duration ?? (message.action || tone === "bad" ? 9000 : 5000)}
            onOpenChange={(open) => !open && dismiss(message.id)}
            className="flex w-[340px] animate-[ui-slide-in_0.16s] items-start gap-2.5 rounded-xl border border-border bg-raised p-3 shadow-float"
          >
            <Icon name={ICONS[tone]} className={clsx("mt-px", COLOURS[tone])} />
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-medium">{message.title}</Radix.Title>
              {message.description ? (
                <Radix.Description className="mt-0.5 text-sm text-muted">
                  {message.description}
                </Radix.Description>
              ) : null}
              {message.code ? <ErrorCode code={message.code} className="mt-1" /> : null}
            </div>
            {message.action ? (
              <Radix.Action
                altText={message.action.label}
                onClick={message.action.onSelect}
                className="rounded-sm px-2 py-0.5 text-sm font-medium text-accent-text hover:bg-accent-soft"
              >
                {message.action.label}
              </Radix.Action>
            ) : null}
            <Radix.Close
              aria-label="Dismiss"
              className="rounded-sm p-0.5 text-faint hover:bg-hover hover:text-text"
            >
              <Icon name="close" size={14} />
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport className="fixed right-4 bottom-4 z-60 flex flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
