// A form that knows the customer's own fields of an app, and an account that is connected without leaving the canvas.

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
/** How the app is disposed: "ok", "busy" or "closed". */
let mood = "ok";
let asked = 0;
const written = [];

const columns = [
  { key: "country", title: "Country", type: "text", must: true },
  { key: "tier", title: "Support tier", type: "pick", choices: [{ value: "g", label: "Gold" }, { value: "s", label: "Silver" }] },
  { key: "seats", title: "Seats wanted", type: "number" },
  { key: "renewal", title: "Renewal day", type: "date" },
  { key: "partner", title: "Came by a partner", type: "bool", help: "Set by the channel team." },
  { key: "made_at", title: "Made at", type: "date", locked: true },
  ...Array.from({ length: 400 }, (_, at) => ({ key: `survey_${at}`, title: `Survey answer ${at}`, type: "text" })),
];

async function answer(request, response) {
  const say = (status, body, headers = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
  let body = "";
  for await (const chunk of request) body += chunk;
  if (mood === "closed") return say(401, { error: "this key was withdrawn" });
  if (request.url === "/columns") {
    asked += 1;
    return mood === "busy" ? say(429, { error: "slow down" }, { "retry-after": "3" }) : say(200, { columns });
  }
  if (request.method === "POST") written.push(JSON.parse(body));
  return say(200, { name: "Analytical Engines", id: "7" });
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
summary: Contacts with fields of their own.
shelf: crm
base_url: http://${host}
hosts: ["${host}"]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: columns }
says: "{{ answer.body.error }}"
fields:
  own:
    action: columns
    items: /columns
    name: "{{ item.key }}"
    label: "{{ item.title }}"
    kind: "{{ {'pick': 'choice', 'number': 'number', 'date': 'date', 'bool': 'boolean'}[item.type]|default('string') }}"
    options: "{{ item.choices }}"
    writable: "{{ not item.locked }}"
    required: "{{ item.must }}"
    help: "{{ item.help }}"
actions:
  columns:
    title: List columns
    summary: Reads the columns.
    request: { path: /columns }
    examples: [{ title: One, exchange: [], output: { columns: [] } }]
  find_or_create:
    title: Find or create a contact
    summary: Changes the contact with this address, or adds it.
    input:
      properties:
        email: { type: string, title: E-mail address }
        properties: { type: object, title: Properties, x-fields: own }
        wanted: { type: array, items: { type: string }, title: Properties to read, x-fields: own }
      required: [email]
    request:
      method: POST
      path: /contacts
      json: { email: "{{ input.email }}", properties: "{{ input.properties }}", wanted: "{{ input.wanted }}" }
    write: { repeat: harmless }
    examples: [{ title: One, input: { email: a@b.example }, exchange: [], output: { id: "7" } }]
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

// What the app says against it comes as a refusal, which the browser notes down.
afterEach(() => expectNoFaults(page, /422/));

const test = chain(() => page);
const fields = () => page.getByRole("group", { name: "Properties", exact: true });
const stored = async () => (await api(page, "GET", `/workflows/${workflow}`)).draft.steps.add.config;

async function shoot(name) {
  if (process.env.TRUNKLINE_SHOTS) await page.screenshot({ path: join(process.env.TRUNKLINE_SHOTS, `app-fields-${name}.png`) });
}

async function add(search, label) {
  await fields().getByRole("button", { name: "Add a field" }).click();
  await page.getByRole("combobox", { name: "Search" }).fill(search);
  await page.getByRole("option", { name: label }).click();
}

test("an account is connected inside the step, and the canvas stays", async () => {
  const document = {
    format: 1,
    name: "Tell Acme",
    steps: {
      start: { kind: "manual", title: "Start", config: {} },
      add: { kind: "acme.find_or_create", title: "Tell Acme", config: { connection: "", email: "{{ trigger.body.email }}" } },
    },
    edges: [{ from: "start", to: "add" }],
  };
  ({ id: workflow } = await api(page, "POST", "/workflows", { document }));
  await page.goto(`${server.url}/workflows/${workflow}`);
  await page.locator(".react-flow__node", { hasText: "Tell Acme" }).click();
  await fields().getByText("Choose a connection; the fields of that account then appear here.").waitFor();
  await page.getByRole("button", { name: "Connect an account" }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Acme" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Our Acme");
  await dialog.getByLabel("Key").fill("canary-key-4711");
  await expectAccessible(page, "the dialog that connects an account inside a step");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("button", { name: "Connection: Our Acme" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `/workflows/${workflow}`);
});

test("the form knows the account's fields, and each has the control of its kind", async () => {
  await fields().getByText("406 fields of Acme").waitFor();
  await fields().getByText("Acme needs this field.").waitFor();
  await fields().getByRole("button", { name: "Add a field" }).click();
  await page.getByText("more; type to find them.", { exact: false }).waitFor();
  assert.equal(await page.getByRole("option", { name: /Made at/ }).count(), 0, "what cannot be written is not offered");
  await shoot("list");
  await page.keyboard.press("Escape");
  await add("tier", /Support tier/);
  await fields().getByRole("button", { name: "Support tier", exact: true }).click();
  await page.getByRole("option", { name: "Gold" }).click();
  await add("seats", /Seats wanted/);
  await fields().getByRole("textbox", { name: "Seats wanted" }).fill("12");
  await add("renewal", /Renewal day/);
  await fields().getByLabel("Renewal day", { exact: true }).fill("2027-03-01");
  await add("partner", /Came by a partner/);
  await fields().getByText("Set by the channel team.").waitFor();
  await fields().getByRole("combobox", { name: "Came by a partner" }).click();
  await page.getByRole("option", { name: "Yes" }).click();
  await add("survey answer 399", /Survey answer 399/);
  await fields().getByText("Left empty, it is emptied in Acme.").waitFor();
  await fields().getByRole("button", { name: "Remove Survey answer 399" }).click();
  const country = fields().getByRole("textbox", { name: /^Country/ });
  await country.click();
  await page.keyboard.type("GB");
  const wanted = page.getByRole("group", { name: "Properties to read" });
  await wanted.getByRole("button", { name: "Add a field" }).click();
  await page.getByRole("combobox", { name: "Search" }).fill("made");
  await page.getByRole("option", { name: /Made at/ }).click();
  await expectAccessible(page, "a form with fields of an app");
  await shoot("form");
  const properties = { tier: "g", seats: 12, renewal: "2027-03-01", partner: true, country: "GB" };
  await until("the draft to be stored", async () => {
    const config = await stored();
    assert.deepEqual(config.properties, properties);
    assert.deepEqual(config.wanted, ["made_at"]);
    return true;
  });
  assert.equal(asked, 1, "two fields of one form, and one question to the app");
});

test("the app gets what was filled", async () => {
  const { draft_revision } = await api(page, "GET", `/workflows/${workflow}`);
  await api(page, "POST", `/workflows/${workflow}/publish`, { base_revision: draft_revision });
  await api(page, "POST", `/workflows/${workflow}/runs`, { payload: { email: "ada@analytical.example" } });
  await until("the app to be told", async () => written.length > 0);
  assert.deepEqual(written[0], {
    email: "ada@analytical.example",
    properties: { tier: "g", seats: 12, renewal: "2027-03-01", partner: true, country: "GB" },
    wanted: ["made_at"],
  });
});

test("what was read is kept, and read anew on demand", async () => {
  await page.reload();
  await page.locator(".react-flow__node", { hasText: "Tell Acme" }).click();
  await fields().getByText("406 fields of Acme").waitFor();
  await fields().getByRole("button", { name: "Support tier: Gold" }).waitFor();
  assert.equal(asked, 1, "the server knows them still");
  columns.push({ key: "mascot", title: "Mascot", type: "text" });
  await until("the new field to be read", async () => {
    await fields().getByRole("button", { name: "Read the fields of Acme again" }).click();
    return fields().getByText("407 fields of Acme").isVisible();
  });
  await add("mascot", /Mascot/);
});

test("what the app says against it stands where its fields would be", async () => {
  mood = "busy";
  await until("the refusal", async () => {
    await fields().getByRole("button", { name: "Read the fields of Acme again" }).click();
    return fields().getByText("CONN-0005").isVisible();
  });
  await fields().getByText("The fields shown are those that were read before.", { exact: false }).waitFor();
  await fields().getByText("407 fields of Acme").waitFor();
  await shoot("busy");
  mood = "closed";
  await until("the refusal of the key", async () => {
    await fields().getByRole("button", { name: "Read the fields of Acme again" }).click();
    return fields().getByText("CONN-0004").isVisible();
  });
  await fields().getByText("this key was withdrawn", { exact: false }).first().waitFor();
  await page.reload();
  await page.locator(".react-flow__node", { hasText: "Tell Acme" }).click();
  await page.getByRole("button", { name: "Connect it again" }).waitFor();
  await page.getByRole("button", { name: "Connection: Our Acme" }).click();
  await page.getByRole("option", { name: /does not work/ }).waitFor();
  await page.keyboard.press("Escape");
  await expectAccessible(page, "a step with a broken connection");
  await shoot("broken");
});

test("a broken account is connected again inside the step", async () => {
  mood = "ok";
  await page.getByRole("button", { name: "Connect it again" }).click();
  const dialog = page.getByRole("dialog", { name: "Change “Our Acme”" });
  await dialog.getByLabel("Key").fill("canary-key-4712");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Connect it again" }).waitFor({ state: "hidden" });
  assert.ok(!(await page.content()).includes("canary-key"));
});
