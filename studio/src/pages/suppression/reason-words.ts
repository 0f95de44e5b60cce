/** Why somebody must not be written to, in words. */
import type { SuppressionReason } from "@/api";

export const REASONS: readonly { value: SuppressionReason; label: string; hint: string }[] = [
  { value: "opted_out", label: "Opted out", hint: "no marketing; invoices and the like still go out" },
  { value: "bounced", label: "Messages do not arrive", hint: "nothing is sent" },
  { value: "complained", label: "Complained", hint: "nothing is sent" },
  { value: "do_not_contact", label: "Must not be contacted", hint: "nothing is sent" },
];

export const reasonLabel = (reason: SuppressionReason): string =>
  REASONS.find(({ value }) => value === reason)?.label ?? reason;
