/** Runs kept as tests: their outcome is worked out anew with the draft before it is published. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Difference, JobError, NotKnown, Outcome } from "./jobs";
import type { Listed } from "./types";

export interface Pin {
  id: string;
  name: string;
  /** The run it was kept from, which may be gone by now. */
  run_id: string;
  created_at: string;
  expected: Outcome;
}

export interface PinCheck {
  pin: Pin;
  /** True when the draft gives the outcome that was kept. */
  same: boolean;
  differences: Difference[];
  not_known: NotKnown[];
  error?: JobError | null;
}

const at = (id: string, pin: string) => ({ path: { id, pin } });

export const pinsApi = {
  keep: (run: string, name?: string) =>
    ask<Pin>("POST", "/runs/{id}/pin", { path: { id: run }, body: name ? { name } : {} }),
  list: (workflow: string, signal?: AbortSignal) =>
    ask<Listed<Pin>>("GET", "/workflows/{id}/pins", { path: { id: workflow }, signal }),
  rename: (workflow: string, pin: string, name: string) =>
    ask<Pin>("PUT", "/workflows/{id}/pins/{pin}", { ...at(workflow, pin), body: { name } }),
  /** What the draft gives now becomes what is expected. */
  accept: (workflow: string, pin: string) =>
    ask<Pin>("PUT", "/workflows/{id}/pins/{pin}", { ...at(workflow, pin), body: { accept: true } }),
  remove: (workflow: string, pin: string) =>
    ask<void>("DELETE", "/workflows/{id}/pins/{pin}", at(workflow, pin)),
  /** Works every test out with the saved draft; nothing is written. */
  check: (workflow: string, signal?: AbortSignal) =>
    ask<Listed<PinCheck>>("POST", "/workflows/{id}/pins/check", { path: { id: workflow }, signal }),
};

export const pinKeys = {
  pins: (workflow: string) => ["pin", workflow] as const,
};

export const usePins = (workflow: string) =>
  useQuery({
    queryKey: pinKeys.pins(workflow),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await pinsApi.list(workflow, signal)).items;
    },
  });
