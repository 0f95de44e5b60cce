// An account is connected from the gallery, tested, used in a step, broken and mended; its key is never seen again.

import { after, afterEach, before } from "node:test";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp } from "./harness.mjs";

const KEY = "canary-0815";
let server;
let app;
let apps;
let browser;
let page;
let accepts = true;

before(async () => {
  app = createServer((_, response) => {
    response.writeHead(accepts ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(accepts ? { name: "Analytical Engines" } : { error: "this key was withdrawn" }));
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
help: |
  Open *Settings > Keys* in Acme and copy the \`key\`. See <https://acme.example/keys>.
shelf: other
base_url: http://${host}
hosts: ["${host}"]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: look, account: "{{ answer.body.name }}" }
says: "{{ answer.body.error }}"
actions:
  look:
    title: Look at an engine
    summary: Reads an engine.
    input: { properties: { id: { type: string, title: Engine } } }
    request: { path: /look, query: { id: "{{ input.id }}" } }
    examples: [{ title: One, exchange: [], output: { name: x } }]
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

// A refused test answers with its code, which the browser notes down.
afterEach(() => expectNoFaults(page, /422|409/));

const test = chain(() => page);

test("the empty page teaches, and the gallery finds apps", async () => {
  await page.goto(`${server.url}/settings`);
  await page.getByRole("link", { name: "Connections", exact: true }).click();
  await page.getByRole("heading", { name: "No accounts connected yet" }).waitFor();
  await expectAccessible(page, "the empty page of connections");
  await page.getByRole("button", { name: "Connect an app" }).first().click();
  const gallery = page.getByRole("dialog", { name: "Connect an app" });
  await gallery.getByRole("button", { name: /HubSpot/ }).waitFor();
  await gallery.getByRole("button", { name: /Slack/ }).waitFor();
  await expectAccessible(page, "the gallery of apps");
  await gallery.getByRole("searchbox", { name: "Search apps" }).fill("engines");
  await gallery.getByRole("button", { name: /Acme/ }).click();
});

test("an account is connected and tested", async () => {
  const dialog = page.getByRole("dialog", { name: "Connect Acme" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Our Acme");
  await dialog.getByLabel("Key").fill(KEY);
  await dialog.getByRole("link", { name: "https://acme.example/keys" }).waitFor();
  await expectAccessible(page, "the dialog that connects an app");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("heading", { name: "Our Acme" }).waitFor();
  await page.getByRole("button", { name: "Test Our Acme" }).click();
  await page.getByText("Acme · Analytical Engines").waitFor();
  await expectAccessible(page, "the list of connections");
});

test("a step picks it, and the connection knows who uses it", async () => {
  const document = {
    format: 1,
    name: "Look every day",
    steps: {
      start: { kind: "manual", title: "Start", config: {} },
      look: { kind: "acme.look", title: "Look", config: { connection: "" } },
    },
    edges: [{ from: "start", to: "look" }],
  };
  const { id } = await api(page, "POST", "/workflows", { document });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.locator(".react-flow__node", { hasText: "Look" }).click();
  const picker = page.getByRole("button", { name: "Connection", exact: true });
  await picker.click();
  await page.getByRole("option", { name: /Our Acme/ }).click();
  await page.getByRole("button", { name: "Connection: Our Acme" }).waitFor();
  await page.getByText("Saved").first().waitFor();
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "More about Our Acme" }).click();
  await page.getByRole("menuitem", { name: "Used by" }).click();
  await page.getByRole("link", { name: "Look every day" }).waitFor();
  await page.getByRole("button", { name: "More about Our Acme" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove connection" }).click();
  await page.getByText("it is used by Look every day", { exact: false }).first().waitFor();
  await page.keyboard.press("Escape");
});

test("a key that was withdrawn is told in the app's own words, and mended", async () => {
  accepts = false;
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Test Our Acme" }).click();
  await page.getByText("Broken").waitFor();
  await page.getByText(/this key was withdrawn/).first().waitFor();
  accepts = true;
  await page.getByRole("button", { name: "More about Our Acme" }).click();
  await page.getByRole("menuitem", { name: "Change it" }).click();
  const dialog = page.getByRole("dialog", { name: "Change “Our Acme”" });
  assert.equal(await dialog.getByLabel("Key").inputValue(), "");
  await dialog.getByLabel("Key").fill("another-key");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  assert.ok(!(await page.content()).includes(KEY));
  assert.ok(!JSON.stringify(await api(page, "GET", "/connections")).includes("canary"));
});

test("any service is connected with its hosts and limits, and an HTTP request signs in with it", async () => {
  await page.goto(`${server.url}/settings/connections`);
  await page.getByRole("button", { name: "Connect an app" }).first().click();
  const gallery = page.getByRole("dialog", { name: "Connect an app" });
  await gallery.getByRole("button", { name: /Web service/ }).click();
  const dialog = page.getByRole("dialog", { name: "Connect Web service" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("Our service");
  const host = `127.0.0.1:${app.address().port}`;
  await dialog.getByLabel("Hosts").fill(host);
  assert.equal(await dialog.getByLabel("Header", { exact: true }).count(), 0, "only a key in a header needs its name");
  await dialog.getByLabel("Address to test with (optional)").fill(`http://${host}/me`);
  await dialog.getByLabel("Key").fill(KEY);
  await expectAccessible(page, "the dialog that connects any service");
  await dialog.getByRole("button", { name: "Connect", exact: true }).click();
  await page.getByRole("button", { name: "Test Our service" }).click();
  await page.getByText("“Our service” works").first().waitFor();

  await page.getByRole("button", { name: "More about Our service" }).click();
  await page.getByRole("menuitem", { name: "Change it" }).click();
  const change = page.getByRole("dialog", { name: "Change “Our service”" });
  assert.equal(await change.getByLabel("Hosts").inputValue(), host);
  await change.getByLabel("At the same time (optional)").fill("3");
  await change.getByRole("button", { name: "Save" }).click();
  await page.getByText("“Our service” is changed").first().waitFor();

  const document = {
    format: 1,
    name: "Calls with it",
    steps: {
      start: { kind: "webhook", title: "Start", config: { path: "calls", check: { by: "shared_secret", header: "X-Secret", secret: KEY } } },
      call: { kind: "http_request", title: "Call", config: { method: "GET", url: `http://${host}/look` } },
    },
    edges: [{ from: "start", to: "call" }],
  };
  const { id } = await api(page, "POST", "/workflows", { document });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.getByTestId("rf__node-call").click();
  await page.getByRole("combobox", { name: /^Sign-in/ }).click();
  await page.getByRole("option", { name: "A connection" }).click();
  await page.getByRole("button", { name: "Connection", exact: true }).click();
  await page.getByRole("option", { name: /Our service/ }).click();
  await page.getByRole("button", { name: "Connection: Our service" }).waitFor();
  await page.getByText("Saved").first().waitFor();
  await expectAccessible(page, "an HTTP request that signs in with a connection");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/http-connection.png` });

  // The secret of the webhook was sealed when the workflow was made: it can be replaced and not be read.
  await page.locator(".react-flow__node", { hasText: "Start" }).click();
  await page.getByText("Kept by the server, and never shown again").waitFor();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/kept-secret.png` });
  await page.getByRole("button", { name: "Replace Secret" }).click();
  await page.locator("input[type=password]").fill(`${KEY}-new`);
  await page.getByText("Saved").first().waitFor();
  await page.reload();
  await page.locator(".react-flow__node", { hasText: "Start" }).click();
  await page.getByText("Kept by the server, and never shown again").waitFor();
  assert.ok(!JSON.stringify(await api(page, "GET", `/workflows/${id}`)).includes("canary"));
});
