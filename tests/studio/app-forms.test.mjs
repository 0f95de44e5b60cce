// A step of an app asks the app what its customer has there: lists to pick from, and fields of their own to fill.

import { after, afterEach, before } from "node:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let app;
let apps;
let browser;
let page;
let workflow;
const asked = [];

/** What the app has: two lists, and fields that depend on the kind of record. */
function answer(request, response) {
  const url = new URL(request.url, "http://app");
  asked.push(url.pathname + url.search);
  const body = {
    "/lists": [
      { id: "7", name: "Webinar guests" },
      { id: "8", name: "Customers" },
    ],
    "/fields": url.searchParams.get("kind") === "companies"
      ? [{ id: "size", name: "Number of people", locked: false }]
      : [
          { id: "tier", name: "Tier", locked: false },
          { id: "score", name: "Score of the app", locked: true },
        ],
  }[url.pathname];
  response.writeHead(body ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(body ?? { error: "nothing here" }));
}

before(async () => {
  app = createServer(answer).listen(0, "127.0.0.1");
  await once(app, "listening");
  const host = `127.0.0.1:${app.address().port}`;
  apps = await mkdtemp(join(tmpdir(), "trunkline-apps-"));
  await writeFile(
    join(apps, "acme.yaml"),
    `manifest: 1
id: acme
name: Acme
version: 1.0.0
summary: Engines and who wants them.
shelf: crm
base_url: http://${host}
hosts: ["${host}"]
settings: { region: { type: string, title: Region, default: eu, enum: [eu, us] } }
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: lists }
fields:
  lists: { action: lists, name: "{{ item.id }}", label: "{{ item.name }}" }
  own:
    action: own_fields
    input: { kind: "{{ input.kind|default('people') }}" }
    name: "{{ item.id }}"
    label: "{{ item.name }}"
    writable: "{{ not item.locked }}"
actions:
  add:
    title: Add to a list
    summary: Adds somebody to a list.
    input:
      properties:
        kind: { type: string, title: Kind, enum: [people, companies], default: people }
        list: { type: string, title: List, x-fields: lists }
        fields: { type: object, title: Fields, x-fields: own }
      required: [list]
    request: { method: POST, path: /add, json: { list: "{{ input.list }}", fields: "{{ input.fields }}" } }
    write: { repeat: harmless }
    examples: [{ title: One, input: { list: "7" }, exchange: [], output: { ok: true } }]
  lists:
    title: List lists
    summary: Reads the lists.
    request: { path: /lists }
    examples: [{ title: One, exchange: [], output: [] }]
  own_fields:
    title: List fields
    summary: Reads the fields.
    input: { properties: { kind: { type: string, title: Kind } } }
    request: { path: /fields, query: { kind: "{{ input.kind }}" } }
    examples: [{ title: One, exchange: [], output: [] }]
`,
  );
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  app?.close();
  if (apps) await rm(apps, { recursive: true, force: true });
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const fields = () => page.getByRole("group", { name: "Fields", exact: true });
const config = async () => (await api(page, "GET", `/workflows/${workflow}`)).draft.steps.add.config;

test("what is usual when an app is connected stands there already", async () => {
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Connect an app" }).first().click();
  await page.getByRole("searchbox", { name: "Search apps" }).fill("acme");
  await page.getByRole("button", { name: /Acme/ }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Acme" });
  await dialog.getByRole("combobox", { name: "Region" }).filter({ hasText: "eu" }).waitFor();
  await dialog.getByLabel("Key").fill("a-key-0815");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("heading", { name: /^Acme/ }).waitFor();
});

test("without a connection, the form says how to pick", async () => {
  const document = {
    format: 1,
    name: "Guests",
    steps: {
      start: { kind: "manual", title: "Start", config: {} },
      add: { kind: "acme.add", title: "Add", config: { connection: "" } },
    },
    edges: [{ from: "start", to: "add" }],
  };
  workflow = (await api(page, "POST", "/workflows", { document })).id;
  await page.goto(`${server.url}/workflows/${workflow}`);
  await page.locator(".react-flow__node", { hasText: "Add" }).click();
  await page.getByText("Choose a connection; the choices of that account then appear here.").waitFor();
  assert.deepEqual(asked, [], "nothing was asked without a connection");
});

test("a list of the app is picked by its name", async () => {
  await page.getByRole("button", { name: "Connection", exact: true }).click();
  await page.getByRole("option", { name: /Acme/ }).click();
  await page.getByRole("button", { name: "List", exact: true }).click();
  await page.getByRole("option", { name: /Webinar guests/ }).click();
  await page.getByRole("button", { name: "List: Webinar guests" }).waitFor();
  await until("the draft is saved", async () => (await config()).list === "7");
});

test("fields of the customer are filled, and locked ones are not offered", async () => {
  await fields().getByRole("button", { name: "Add a field" }).click();
  await page.getByRole("option", { name: /Tier/ }).waitFor();
  assert.equal(await page.getByRole("option", { name: /Score of the app/ }).count(), 0);
  await page.getByRole("option", { name: /Tier/ }).click();
  await fields().getByRole("textbox", { name: /^Tier/ }).click();
  await page.keyboard.type("A");
  await until("the draft is saved", async () => (await config()).fields?.tier === "A");
  await expectAccessible(page, "the form of a step of an app");
});

test("another kind of record has other fields", async () => {
  await page.getByRole("combobox", { name: /^Kind/ }).click();
  await page.getByRole("option", { name: "companies" }).click();
  await fields().getByText("Acme has no field of this name any more.", { exact: false }).waitFor();
  await fields().getByRole("button", { name: "Add a field" }).click();
  await page.getByRole("option", { name: /Number of people/ }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(asked.filter((path) => path === "/fields?kind=companies").length, 1);
});
