// Two apps are kept in step from the studio: set up by clicking, first fill, a change that goes over, a report of differences.

import { after, afterEach, before } from "node:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let apps;
let browser;
let page;
const fakes = [];

/** An app with people in it. */
async function fake(id, people) {
  const listener = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://x");
    let body = "";
    for await (const part of request) body += part;
    const number = Number(pathname.split("/")[2]);
    const say = (value, status = 200) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(value));
    };
    if (request.method === "PATCH") {
      const person = people.find((one) => one.id === number);
      Object.assign(person.fields, JSON.parse(body));
      person.changed = Date.now();
      return say(person);
    }
    if (request.method === "POST") {
      const person = { id: 100 + people.length, fields: JSON.parse(body), changed: Date.now() };
      people.push(person);
      return say(person);
    }
    if (number) return say(people.find((one) => one.id === number) ?? {}, people.some((one) => one.id === number) ? 200 : 404);
    const since = Number(searchParams.get("since") ?? 0);
    const mail = searchParams.get("mail");
    const items = people.filter((one) => one.changed >= since && (!mail || one.fields.mail === mail));
    say({ items: items.sort((one, other) => one.changed - other.changed) });
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const host = `127.0.0.1:${listener.address().port}`;
  await writeFile(
    join(apps, `${id}.yaml`),
    `manifest: 1
id: ${id}
name: ${id.toUpperCase()}
version: 1.0.0
summary: An app on this machine.
shelf: other
base_url: http://${host}
hosts: ["${host}"]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: find }
actions:
  read: { title: Read, summary: Reads., input: { properties: { id: { type: string, title: Id } }, required: [id] }, request: { path: "/people/{{ input.id }}" }, faults: [{ status: [404], class: nothing }], examples: [{ title: x, exchange: [], output: 1 }] }
  find: { title: Find, summary: Finds., input: { properties: { mail: { type: string, title: Mail } } }, request: { path: /people, query: { mail: "{{ input.mail }}" } }, output: "{{ answer.body.items[0] }}", examples: [{ title: x, exchange: [], output: 1 }] }
  columns: { title: Columns, summary: Reads., request: { path: /people }, output: "{{ [{'n': 'mail'}, {'n': 'name'}, {'n': 'note'}] }}", examples: [{ title: x, exchange: [], output: [] }] }
  add: { title: Add, summary: Adds., input: { properties: { values: { type: object, title: Values } } }, request: { method: POST, path: /people, json: "{{ input.values }}" }, write: { repeat: uncertain }, examples: [{ title: x, exchange: [], output: 1 }] }
  change: { title: Change, summary: Changes., input: { properties: { id: { type: string, title: Id }, values: { type: object, title: Values } } }, request: { method: PATCH, path: "/people/{{ input.id }}", json: "{{ input.values }}" }, write: { repeat: harmless }, examples: [{ title: x, exchange: [], output: 1 }] }
fields:
  person: { action: columns, name: "{{ item.n }}", label: "{{ item.n }}" }
triggers:
  changed:
    title: Changed person
    summary: Starts when a person has changed.
    poll:
      request: { path: /people, query: { since: "{{ since }}" } }
      paging: { items: /items, next: { by: cursor, at: /next, into: { query: after } } }
      id: "{{ item.id }}"
      cursor: { by: time, at: "{{ item.changed }}", write: unix_ms, overlap: 1 }
      order: oldest_first
      every: 10
    examples: [{ title: x, exchange: [], starts: [] }]
records:
  person:
    title: People
    trigger: changed
    id: "{{ record.id }}"
    changed: "{{ record.changed }}"
    values: "{{ record.fields }}"
    fields: person
    known_by: mail
    read: { action: read, input: { id: "{{ id }}" } }
    find: { action: find, input: { mail: "{{ value }}" } }
    create: { action: add, input: { values: "{{ values }}" } }
    update: { action: change, input: { id: "{{ id }}", values: "{{ values }}" } }
`,
  );
  fakes.push({ listener, people });
}

const person = (id, mail, more) => ({ id, fields: { mail, ...more }, changed: Date.now() - 60_000 });

before(async () => {
  apps = await mkdtemp(join(tmpdir(), "trunkline-apps-"));
  await fake("crm", [person(1, "ada@x.example", { name: "Ada", note: "calls at noon" }), person(2, "ben@x.example", { name: "Ben" })]);
  await fake("map", [person(7, "ada@x.example", { name: "Ada", note: "writes at night" })]);
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  for (const { listener } of fakes) listener.close();
  if (apps) await rm(apps, { recursive: true, force: true });
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const named = (at, mail) => fakes[at].people.find(({ fields }) => fields.mail === mail)?.fields;

test("the empty page says what comes first", async () => {
  await page.goto(`${server.url}/settings/sync`);
  await page.getByRole("heading", { name: "Nothing is kept in step yet" }).waitFor();
  await page.getByRole("link", { name: "Connect two accounts first" }).waitFor();
  await expectAccessible(page, "the empty page of syncs");
  for (const name of ["crm", "map"]) {
    await api(page, "POST", "/connections", { app: name, name: `Our ${name}`, auth: "key", secrets: { key: "abcdef" } });
  }
  await page.reload();
});

test("a sync is set up by clicking", async () => {
  await page.getByRole("button", { name: "New two-way sync" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New two-way sync" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("People");
  for (const [side, name] of [["Left", "Our crm"], ["Right", "Our map"]]) {
    await dialog.getByLabel(side, { exact: true }).click();
    await page.getByRole("option", { name: new RegExp(name) }).click();
  }
  const field = async (at, name) => {
    for (const side of ["Left", "Right"]) {
      await dialog.getByLabel(`${side} field ${at}`).click();
      await page.getByRole("option", { name: new RegExp(`^${name}`) }).first().click();
    }
  };
  await field(1, "name");
  await dialog.getByRole("button", { name: "Add a field" }).click();
  await field(2, "note");
  await dialog.getByLabel("When both have changed, field 2").click();
  await page.getByRole("option", { name: /Never overwrite/ }).click();
  await expectAccessible(page, "the dialog that sets a sync up");
  await dialog.getByRole("button", { name: "Start the sync" }).click();
  await page.getByRole("link", { name: "People" }).waitFor();
});

test("the first looks fill both sides and say how far they are", async () => {
  await until("Ben on the right", async () => named(1, "ben@x.example")?.name === "Ben", 60);
  await page.getByText("2 pairs · 2 fields").waitFor();
  await page.getByRole("region", { name: "Left: Our crm" }).getByText(/2 read, 2 reported/).waitFor();
  await expectAccessible(page, "a sync that works");
});

test("a change goes over, and nothing comes back", async () => {
  Object.assign(named(1, "ben@x.example"), { name: "Benjamin" });
  fakes[1].people.find(({ fields }) => fields.mail === "ben@x.example").changed = Date.now();
  await until("Benjamin on the left", async () => named(0, "ben@x.example").name === "Benjamin", 60);
  assert.equal(named(1, "ben@x.example").name, "Benjamin");
});

test("what may not be overwritten is reported", async () => {
  await page.getByRole("button", { name: "Where they differ" }).click();
  const row = page.getByRole("row", { name: /ada@x\.example/ });
  await row.getByText("calls at noon").waitFor();
  await row.getByText("writes at night").waitFor();
  await expectAccessible(page, "the report of differences");
});
