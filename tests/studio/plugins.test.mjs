// A plugin is brought, looked at, approved, used in a step, limited and removed; a connector comes the same way; and a step of
// one's own in JavaScript.

import { once } from "node:events";
import { createServer } from "node:http";
import { after, afterEach, before } from "node:test";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp } from "./harness.mjs";

const CLEANER = join(import.meta.dirname, "../../target/plugins/text-cleaner.wasm");
const MANIFEST = `manifest: 1
id: acme
name: Acme
version: 1.0.0
summary: Engines and what they compute.
shelf: other
base_url: https://api.acme.example
hosts: [api.acme.example]
auth:
  - { id: key, title: Key, grant: { kind: api_key }, send: { headers: { X-Key: "{{ secret.key }}" } } }
test: { action: look }
actions:
  look: { title: Look, summary: Reads., request: { path: /look }, examples: [{ title: One, exchange: [], output: { name: x } }] }
`;
let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// A removal that is refused answers with its code, which the browser notes down.
afterEach(() => expectNoFaults(page, /409/));

const test = chain(() => page);

function flow(name, kind, config) {
  return {
    format: 1,
    name,
    steps: { start: { kind: "manual", title: "Start", config: {} }, use: { kind, title: "Use", config } },
    edges: [{ from: "start", to: "use" }],
  };
}

test("a plugin says in plain words what it wants before it runs", async () => {
  await page.goto(`${server.url}/settings`);
  await page.getByRole("link", { name: "Plugins", exact: true }).click();
  await page.getByRole("heading", { name: "No plugins installed" }).waitFor();
  await expectAccessible(page, "the empty page of plugins");
  await page.getByRole("button", { name: "Install a plugin" }).first().click();
  const bring = page.getByRole("dialog", { name: "Install a plugin" });
  await bring.getByLabel(/^File/).setInputFiles(CLEANER);
  await expectAccessible(page, "the dialog that brings a plugin");
  await bring.getByRole("button", { name: "Take a look" }).click();
  const approval = page.getByRole("dialog", { name: "Approve Text cleaner 1.0.0?" });
  await approval.getByText("Reaches nothing outside").waitFor();
  await approval.getByText("text-cleaner.wasm, brought by grace@example.com").waitFor();
  await expectAccessible(page, "the dialog that approves a plugin");
  await approval.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Active", { exact: true }).waitFor();
  await expectAccessible(page, "the list of plugins");
});

test("its step stands in the palette, has a form, and is tested like any other", async () => {
  const document = flow("Tidy", "plugin.text-cleaner.clean", { text: "{{ trigger.body.name }}", case: "title" });
  document.samples = { start: { body: { name: "  ada   lovelace " } } };
  const { id } = await api(page, "POST", "/workflows", { document });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.locator(".react-flow__node", { hasText: "Use" }).click();
  await page.getByText("Letters", { exact: true }).waitFor();
  await page.getByRole("button", { name: /Test (this )?step/ }).first().click();
  await page.getByText("Ada Lovelace").first().waitFor();
  const run = await api(page, "POST", `/workflows/${id}/steps/use/test`, {
    document,
    context: { trigger: { body: { name: "n/a" } } },
  });
  assert.deepEqual([run.status, run.port, run.output], ["done", "empty", { text: "" }]);
});

test("limits are set, and a plugin that is used stays", async () => {
  await page.goto(`${server.url}/settings/plugins`);
  await page.getByRole("button", { name: "More about Text cleaner" }).click();
  await page.getByRole("menuitem", { name: "Limits" }).click();
  const limits = page.getByRole("dialog", { name: "Limits of Text cleaner" });
  await limits.getByLabel("Memory (MiB)").fill("9999");
  await limits.getByText("A whole number from 1 to 512.").waitFor();
  await limits.getByLabel("Memory (MiB)").fill("32");
  await expectAccessible(page, "the dialog of limits");
  await limits.getByRole("button", { name: "Save" }).click();
  await limits.waitFor({ state: "hidden" });
  const { items } = await api(page, "GET", "/plugins");
  assert.equal(items[0].limits.memory_mib, 32);
  assert.ok(items[0].figures.calls >= 1);
  await page.getByRole("button", { name: "More about Text cleaner" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove plugin" }).click();
  await page.getByText("used by Tidy", { exact: false }).first().waitFor();
  await page.keyboard.press("Escape");
});

test("the manifest of a connector is installed on the same page", async () => {
  await page.goto(`${server.url}/settings/plugins`);
  await page.getByRole("button", { name: "Install a plugin" }).first().click();
  const bring = page.getByRole("dialog", { name: "Install a plugin" });
  const file = { name: "acme.yaml", mimeType: "application/yaml", buffer: Buffer.from(MANIFEST) };
  await bring.getByLabel(/^File/).setInputFiles(file);
  await bring.getByRole("button", { name: "Take a look" }).click();
  const look = page.getByRole("dialog", { name: "Add a connector from a manifest" });
  await look.getByText("Engines and what they compute.").waitFor();
  await expectAccessible(page, "a manifest that was brought");
  await look.getByRole("button", { name: "Install", exact: true }).click();
  const connectors = page.getByRole("region", { name: "Connectors" });
  await connectors.getByText("Installed 1.0.0").waitFor();
  await expectAccessible(page, "plugins and connectors");
});

test("a newer manifest is fetched from an address", async () => {
  const newer = MANIFEST.replace("version: 1.0.0", "version: 1.1.0");
  const site = createServer((_, answer) => answer.end(newer)).listen(0, "127.0.0.1");
  await once(site, "listening");
  try {
    await page.getByRole("button", { name: "Install a plugin" }).first().click();
    const bring = page.getByRole("dialog", { name: "Install a plugin" });
    await bring.getByText("An address", { exact: true }).click();
    await bring.getByLabel(/^Address/).fill(`http://127.0.0.1:${site.address().port}/acme.yaml?key=hidden`);
    await bring.getByRole("button", { name: "Take a look" }).click();
    const look = page.getByRole("dialog", { name: "Add a connector from a manifest" });
    await look.getByText("1.1.0").waitFor();
    assert.equal(await look.getByText("hidden").count(), 0, "what may be a key is not shown");
    await look.getByRole("button", { name: "Upgrade", exact: true }).click();
    await page.getByRole("region", { name: "Connectors" }).getByText("Installed 1.1.0").waitFor();
  } finally {
    site.close();
  }
});

test("a step is written in JavaScript and tested", async () => {
  const code = "return { greeting: 'Hello ' + input.name };";
  const config = { input: [{ name: "name", value: "Ada" }], code };
  const { id } = await api(page, "POST", "/workflows", { document: flow("Greet", "code", config) });
  await page.goto(`${server.url}/workflows/${id}`);
  await page.locator(".react-flow__node", { hasText: "Use" }).click();
  const editor = page.getByRole("textbox", { name: "Code", exact: true });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("// input.");
  await expectAccessible(page, "the editor of code");
  await page.getByRole("button", { name: /Test (this )?step/ }).first().click();
  await page.getByText("Hello Ada").first().waitFor();
});
