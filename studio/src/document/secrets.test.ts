import { describe, expect, it } from "vitest";
import { applyChanges } from "./change";
import { isKept, keepSecrets, withoutSecrets } from "./secrets";
import type { WorkflowDocument } from "./types";

function hooked(secret: unknown, path = "leads"): WorkflowDocument {
  return {
    format: 1,
    name: "Hook",
    steps: {
      start: { kind: "webhook", title: "", config: { path, check: { by: "hmac", header: "X", secret } } },
      open: { kind: "webhook", title: "", config: { path: "open", check: { by: "nothing" } } },
    },
    edges: [],
  } as unknown as WorkflowDocument;
}

describe("secrets of webhooks", () => {
  it("are the same document typed or kept", () => {
    expect(withoutSecrets(hooked("typed"))).toEqual(withoutSecrets(hooked({ kept: "1" })));
    expect(withoutSecrets(hooked("typed"))).not.toEqual(withoutSecrets(hooked("typed", "other")));
  });

  it("are named once they are published", () => {
    const [typed, stored] = [hooked("typed"), hooked({ kept: "1" })];
    const changes = keepSecrets.run(typed, { stored });
    expect(applyChanges(typed, changes)).toEqual(stored);
    expect(keepSecrets.run(stored, { stored })).toEqual([]);
    expect(isKept("typed")).toBe(false);
  });
});
