// A canary in a connection to an app that repeats whatever it is sent: it is on no page and in no answer the browser gets.

import { after, before } from "node:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const KEY = "canary-5eed/+=";
const FORMS = [KEY, encodeURIComponent(KEY), Buffer.from(KEY).toString("base64"), "canary"];
let server;
let app;
let apps;
let browser;
let page;
let connection;
let heard = 0;
const runs = [];
/** Everything the browser was answered, by address. */
const answers = [];

before(async () => {
  app = createServer((request, response) => {
    const key = request.headers["x-key"] ?? "";
    if (key === KEY) heard += 1;
    const said = `you sent ${key}, which is ${Buffer.from(key).toString("base64")} or ${encodeURIComponent(key)}`;
    const status = request.url.startsWith("/refuse") ? 400 : 200;
    response.writeHead(status, { "content-type": "application/json", "x-repeated": key });
    response.end(JSON.stringify({ said, [key]: [key], columns: [{ key: "a", title: said }] }));
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  const host = `127.0.0.1:${app.address().port}`;
  apps = await mkdtemp(join(tmpdir(), "trunkline-apps-"));
  const action = (name) => `
  ${name}:
    title: Try ${name}
    summary: Tries.
    input: { properties: { properties: { type: object, title: Properties, x-fields: own } } }
    request: { path: /${name} }
    examples: [{ title: One, exchange: [], output: { said: x } }]`;
  await writeFile(
    join(apps, "parrot.yaml"),
    `manifest: 1
id: parrot
name: Parrot
version: 1.0.0
summary: Repeats what it is sent.
shelf: other
base_url: http://${host}
hosts: ["${host}"]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: repeat, account: "{{ answer.body.said }}" }
says: "{{ answer.body.said }}"
fields:
  own: { action: repeat, items: /columns, name: "{{ item.key }}", label: "{{ item.title }}" }
actions:${action("repeat")}${action("refuse")}
`,
  );
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps]);
  browser = await openBrowser();
  page = await openPage(browser);
  page.on("response", async (response) => {
    const body = await response.text().catch(() => "");
    answers.push({ url: response.url(), text: `${JSON.stringify(response.headers())}\n${body}` });
  });
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  app?.close();
  if (apps) await rm(apps, { recursive: true, force: true });
});

const test = chain(() => page);

function expectNone(what, text) {
  for (const form of FORMS) assert.ok(!text.includes(form), `${what} holds ${form}`);
}

/** The page as it stands, its fields' values included. */
async function expectCleanPage(what) {
  const values = await page.evaluate(() => [...document.querySelectorAll("input, textarea")].map((field) => field.value).join("\n"));
  expectNone(what, `${await page.content()}\n${values}`);
}

test("the key is entered, and is nowhere from then on", async () => {
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Connect an app" }).first().click();
  await page.getByRole("button", { name: /Parrot/ }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Parrot" });
  await dialog.getByLabel("Key").fill(KEY);
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("heading", { name: "Parrot" }).waitFor();
  await page.getByRole("button", { name: "Test Parrot" }).click();
  await page.getByText(/you sent •+/).first().waitFor();
  await expectCleanPage("the page of connections");
  connection = (await api(page, "GET", "/connections")).items[0].id;
});

test("runs that succeed and fail show what the app said without it", async () => {
  for (const action of ["repeat", "refuse"]) {
    const document = {
      format: 1,
      name: `Parrot ${action}`,
      steps: {
        start: { kind: "manual", title: "Start", config: {} },
        call: { kind: `parrot.${action}`, title: "Call", config: { connection } },
      },
      edges: [{ from: "start", to: "call" }],
    };
    const { id, draft_revision } = await api(page, "POST", "/workflows", { document });
    await api(page, "POST", `/workflows/${id}/publish`, { base_revision: draft_revision });
    const { run_id } = await api(page, "POST", `/workflows/${id}/runs`, { payload: {} });
    await until("the run to end", async () => (await api(page, "GET", `/runs/${run_id}`)).finished_at);
    runs.push(run_id);
    await page.goto(`${server.url}/runs/${run_id}`);
    await page.locator(".react-flow__node", { hasText: "Call" }).click();
    await page.getByText(/you sent •+/).first().waitFor();
    await expectCleanPage(`the run of ${action}`);
    await page.goto(`${server.url}/workflows/${id}`);
    await page.locator(".react-flow__node", { hasText: "Call" }).click();
    await page.getByText("1 field of Parrot").waitFor();
    await expectCleanPage(`the step ${action}`);
  }
  await page.goto(`${server.url}/runs`);
  await page.getByText("Parrot refuse").first().waitFor();
  await expectCleanPage("the list of runs");
});

test("no answer that the browser got holds it", async () => {
  assert.ok(heard >= 4, "the app was really sent it");
  assert.ok(answers.length > 30);
  for (const { url, text } of answers) expectNone(url, text);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expectNone("what the browser keeps", stored);
  expectNoFaults(page, /422|400/);
  expectNone("the log", server.output);
});
