// A trigger of an app is found under its app, filled in and published; it shows how far it looks, and where an app sends.

import { after, afterEach, before } from "node:test";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const SECRET = "canary-secret-4711";
let server;
let app;
let apps;
let browser;
let page;
let workflow;
let broken = false;

before(async () => {
  app = createServer((_, response) => {
    response.writeHead(broken ? 500 : 200, { "content-type": "application/json" });
    const items = [1, 2, 3].map((id) => ({ id, name: `Person ${id}`, changed: "2026-03-02T09:00:00Z" }));
    response.end(JSON.stringify(broken ? { error: "the engine is being oiled" } : { items }));
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  const host = `127.0.0.1:${app.address().port}`;
  apps = await mkdtemp(join(tmpdir(), "trunkline-apps-"));
  await writeFile(
    join(apps, "acme.yaml"),
    `manifest: 1
id: acme
name: Acme
version: 1.0.0
summary: Engines and what they compute.
shelf: other
base_url: http://${host}
hosts: ["${host}"]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: look }
says: "{{ answer.body.error }}"
actions:
  look: { title: Look, summary: Reads., request: { path: /look }, examples: [{ title: One, exchange: [], output: { name: x } }] }
webhooks:
  events:
    title: Events
    help: Paste the address under *Settings > Webhooks* in Acme.
    secrets: { signing_secret: { title: Signing secret, help: Beside the address. } }
    check: { by: hmac, secret: signing_secret, at: { header: X-Signature } }
    id: "{{ event.id }}"
triggers:
  changed:
    title: Changed engine
    summary: Starts when an engine has changed.
    input: { properties: { kind: { type: string, title: Kind of engine } } }
    poll:
      request: { path: /engines, query: { since: "{{ since }}" } }
      paging: { items: /items, next: { by: cursor, at: /next, into: { query: after } } }
      id: "{{ item.id }}"
      cursor: { by: time, at: "{{ item.changed }}" }
      order: oldest_first
    examples: [{ title: One, exchange: [], starts: [{ id: 1, name: Person 1 }] }]
  stopped:
    title: Engine stopped
    summary: Starts when an engine says that it stopped.
    webhook: { at: events, when: "{{ event.type == 'stopped' }}" }
    examples: [{ title: One, delivery: { secrets: {} }, starts: [{ id: e1, type: stopped }] }]
`,
  );
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  await api(page, "POST", "/connections", { app: "acme", name: "Our Acme", auth: "key", secrets: { key: "abcdef" } });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  app?.close();
  if (apps) await rm(apps, { recursive: true, force: true });
});

// Publishing without the secret answers with its code, which the browser notes down.
afterEach(() => expectNoFaults(page, /422/));

const test = chain(() => page);

test("a trigger that asks is found under its app, and filled in", async () => {
  const document = { format: 1, name: "Engines", steps: {}, edges: [] };
  workflow = (await api(page, "POST", "/workflows", { document })).id;
  await page.goto(`${server.url}/workflows/${workflow}`);
  await page.getByRole("region", { name: "In an app" }).getByRole("button", { name: "Acme" }).click();
  await expectAccessible(page, "what starts a workflow, with an app open");
  await page.getByRole("button", { name: /Acme: changed engine/ }).click();
  await page.getByRole("button", { name: "Connection", exact: true }).click();
  await page.getByRole("option", { name: /Our Acme/ }).click();
  await page.getByLabel("Begin with").click();
  await page.getByRole("option", { name: /Everything that is there/ }).click();
  await page.getByText("Saved").first().waitFor();
  await page.getByRole("region", { name: "Looks at the app" }).getByText("Live once published").waitFor();
  await expectAccessible(page, "a trigger that asks an app");
});

test("it shows how far it has come, and what is wrong", async () => {
  const { draft_revision } = await api(page, "GET", `/workflows/${workflow}`);
  await api(page, "POST", `/workflows/${workflow}/publish`, { base_revision: draft_revision });
  await page.reload();
  await page.locator(".react-flow__node", { hasText: "changed engine" }).click();
  const looks = page.getByRole("region", { name: "Looks at the app" });
  await looks.getByText("Live", { exact: true }).waitFor();
  await until("three runs", async () => (await looks.innerText()).match(/Runs started\s*3/));
  broken = true;
  await looks.getByRole("button", { name: "Look now" }).click();
  await looks.getByText(/the engine is being oiled/).waitFor();
  await looks.getByText("In trouble").waitFor();
  await expectAccessible(page, "a trigger in trouble");
  broken = false;
  await looks.getByRole("button", { name: "Look now" }).click();
  await looks.getByText("Live", { exact: true }).waitFor();
});

test("a trigger that is sent to shows its address and wants its secret first", async () => {
  const [connection] = (await api(page, "GET", "/connections")).items;
  const document = {
    format: 1,
    name: "Stops",
    steps: {
      stopped: { kind: "acme.stopped", title: "Stopped", config: { connection: connection.id } },
      end: { kind: "set_fields", title: "End", config: { fields: [{ name: "done", value: "yes" }] } },
    },
    edges: [{ from: "stopped", to: "end" }],
  };
  const { id } = await api(page, "POST", "/workflows", { document });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.locator(".react-flow__node", { hasText: "Stopped" }).click();
  const card = page.getByRole("region", { name: "Address for Events" });
  const url = `${server.url}/hooks/apps/${connection.id}/events`;
  await card.getByText(url).waitFor();
  await card.getByText("Secret missing").waitFor();
  await expectAccessible(page, "the address of a webhook");
  await page.getByRole("button", { name: "Publish" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /Publish/ }).click();
  await page.getByText(/Signing secret/).first().waitFor();
  await page.keyboard.press("Escape");
  await card.getByLabel("Signing secret").fill(SECRET);
  await card.getByRole("button", { name: "Keep the secret" }).click();
  await card.getByText("Secret entered").waitFor();
  const { draft_revision } = await api(page, "GET", `/workflows/${id}`);
  await api(page, "POST", `/workflows/${id}/publish`, { base_revision: draft_revision });
  const send = async (secret) => {
    const body = JSON.stringify({ id: "e1", type: "stopped" });
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    return (await fetch(url, { method: "POST", body, headers: { "X-Signature": signature } })).status;
  };
  assert.equal(await send("guess"), 401);
  assert.equal(await send(SECRET), 200);
  assert.equal(await send(SECRET), 200);
  await card.getByText(/1 events accepted.*1 had come before/).waitFor();
  await card.getByText(/Refused: 1 forged/).waitFor();
  await until("its run", async () => {
    const { items } = await api(page, "GET", `/runs?workflow=${id}`);
    return items.length === 1;
  });
  assert.ok(!(await page.content()).includes(SECRET));
});

test("the connection shows the same address", async () => {
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "More about Our Acme" }).click();
  await page.getByRole("menuitem", { name: "Addresses for webhooks" }).click();
  await page.getByRole("region", { name: "Address for Events" }).getByText("Secret entered").waitFor();
  await expectAccessible(page, "a connection with its addresses");
});
