// Somebody is suppressed by hand and by a list, looked up with the evidence, and allowed again; a send is held back.

import { after, afterEach, before } from "node:test";
import { once } from "node:events";
import { createServer } from "node:http";
import assert from "node:assert/strict";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let elsewhere;
let browser;
let page;
let calls = 0;

before(async () => {
  elsewhere = createServer((_, response) => {
    calls += 1;
    response.writeHead(200, { "content-type": "application/json" });
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(elsewhere, "listening");
  server = await Server.start(["--empty", "--allow-hosts", "127.0.0.1"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  elsewhere?.close();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const lookUp = async (address) => {
  await page.getByRole("textbox", { name: "E-mail address or telephone number" }).fill(address);
  await page.getByRole("button", { name: "Look up" }).click();
};

test("the empty page teaches, and an address is suppressed by hand", async () => {
  await page.goto(`${server.url}/suppression`);
  await page.getByRole("heading", { name: "Nobody is suppressed" }).waitFor();
  await lookUp("ada@acme.example");
  await page.getByText("Yes. Nothing forbids messages to ada@acme.example.").waitFor();
  await expectAccessible(page, "the empty page of suppression");
  await page.getByRole("button", { name: "Suppress an address" }).click();
  const dialog = page.getByRole("dialog", { name: "Suppress an address" });
  await dialog.getByRole("textbox", { name: "Address" }).fill("Ada@Acme.example");
  await dialog.getByRole("textbox", { name: "Source" }).fill("Letter of 3 March");
  await expectAccessible(page, "the dialog that suppresses an address");
  await dialog.getByRole("button", { name: "Suppress", exact: true }).click();
  await page.getByRole("row", { name: /ada@acme.example/ }).getByText("Opted out").waitFor();
});

test("the evidence is shown for an address", async () => {
  await lookUp("ADA@acme.example");
  await page.getByText("No marketing. Service messages such as an invoice may be sent.").waitFor();
  await page.getByText(/ada@acme.example opted out since .* \(Letter of 3 March\)/).waitFor();
});

test("a list is taken in, and what holds no address is named", async () => {
  await page.getByRole("button", { name: "Import a list" }).click();
  const dialog = page.getByRole("dialog", { name: "Import a list" });
  const buffer = Buffer.from("email,reason\nben@x.example,hard bounce\nada@acme.example,unsubscribed\nnobody,\n");
  await dialog.locator("input[type=file]").setInputFiles({ name: "bounces.csv", mimeType: "text/csv", buffer });
  await dialog.getByRole("button", { name: "Import" }).click();
  await dialog.getByText("1 suppressed, 1 were already, 1 rows hold no address.").waitFor();
  await expectAccessible(page, "the report of a list");
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByRole("row", { name: /ben@x.example.*bounces.csv/ }).waitFor();
});

test("a send is held back and leaves by its own port", async () => {
  const url = `http://127.0.0.1:${elsewhere.address().port}/send`;
  const sends_to = { channel: "email", address: "{{ trigger.body.email }}", purpose: "marketing" };
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    send: { kind: "http_request", title: "Send", config: { method: "POST", url, sends_to } },
    note: { kind: "add_to_counter", title: "Held", config: { counter: "Held back", by: 1 } },
  };
  const edges = [{ from: "start", to: "send" }, { from: "send", port: "suppressed", to: "note" }];
  const made = await api(page, "POST", "/workflows", { document: { format: 1, name: "Letter", steps, edges } });
  await api(page, "POST", `/workflows/${made.id}/publish`, { base_revision: made.draft_revision });
  for (const email of ["ada@acme.example", "eve@acme.example"]) {
    const { run_id } = await api(page, "POST", `/workflows/${made.id}/runs`, { payload: { email } });
    await until("the run to end", async () => (await api(page, "GET", `/runs/${run_id}`)).status === "completed");
  }
  assert.equal(calls, 1, "one message left, the other was held back");
  const counters = await api(page, "GET", "/counters");
  assert.equal(counters.items[0].value, 1);
  await page.goto(`${server.url}/workflows/${made.id}`);
  await page.getByText("held back", { exact: true }).first().waitFor();
});

test("an entry is taken away after a question", async () => {
  await page.goto(`${server.url}/suppression`);
  await page.getByRole("button", { name: "Allow messages to ben@x.example again" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: "Allow messages" }).click();
  await page.getByRole("row", { name: /ben@x.example/ }).waitFor({ state: "detached" });
});
