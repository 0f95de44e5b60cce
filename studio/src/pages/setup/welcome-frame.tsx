import { type ReactNode, useEffect } from "react";
import { ConnectionBanner } from "@/app/connection-banner";
import { Mark } from "@/app/rail";

/** The quiet frame of the pages before one is signed in. */
export function WelcomeFrame({
  title,
  lead,
  children,
}: {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Trunkline`;
  }, [title]);
  return (
    <div className="flex min-h-full flex-col">
      <ConnectionBanner />
      <main id="main" className="flex flex-1 items-start justify-center px-4 pt-[12vh] pb-12">
        <div className="w-full max-w-[400px]">
          <span className="grid size-10 place-items-center rounded-xl bg-text text-inverse">
            <Mark size={24} />
          </span>
          <h1 className="mt-4 text-2xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 text-muted">{lead}</p>
          <div className="mt-6">{children}</div>
        </div>
      </main>
    </div>
  );
}
