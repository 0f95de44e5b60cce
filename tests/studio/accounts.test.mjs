// Accounts in the studio: brought in from a file, matched by a workflow, decided about with the keyboard, taken back.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, Server, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;
const step = chain(() => page);

before(async () => {
  server = await Server.start(["--empty"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const TABLE = "Account Name,Website,City\nAcme Rockets,acme.de,Bonn\nGlobex,globex.com,Berlin\nInitech,initech.com,\n";

step("an empty list teaches what an account is", async () => {
  await page.goto(`${server.url}/accounts`);
  await page.getByText("No accounts yet").waitFor();
  await expectAccessible(page, "the empty list of accounts");
});

step("a file becomes accounts after a look", async () => {
  await page.getByRole("button", { name: "Import a table" }).click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles({ name: "accounts.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await page.getByText("3 new accounts").waitFor();
  await expectAccessible(page, "the import of accounts");
  await page.getByRole("button", { name: "Import 3 rows" }).click();
  await page.getByRole("link", { name: "Globex" }).waitFor();
  expectNoFaults(page);
});

step("an account made by hand has its own page", async () => {
  await page.getByRole("button", { name: "New account" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("textbox", { name: /^Name/ }).fill("Acme Holding");
  await form.getByLabel(/^Domains/).fill("acme-holding.com");
  await form.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Acme Holding" }).waitFor();
  await page.getByText("acme-holding.com").waitFor();
  await expectAccessible(page, "the page of an account");
});

step("leads that are not sure wait beside their candidates", async () => {
  const steps = {
    start: { kind: "manual", title: "start", config: {} },
    find: {
      kind: "find_or_create_lead",
      title: "find",
      config: {
        match_on: ["email"],
        fields: ["email", "company"].map((name) => ({ name, value: `{{ trigger.body.${name} }}` })),
        overwrite: "fill_empty",
      },
    },
    match: { kind: "match_account", title: "match", config: { lead: "{{ steps.find.lead }}" } },
  };
  const edges = [
    { from: "start", to: "find" },
    { from: "find", to: "match" },
  ];
  const made = await api(page, "POST", "/workflows", { document: { format: 1, name: "Match", steps, edges } });
  await api(page, "POST", `/workflows/${made.id}/publish`, { base_revision: made.draft_revision });
  for (const payload of [
    { email: "ada@acme.de" },
    { email: "bob@x.org", company: "Acme Bakery" },
    { email: "kim@y.org", company: "Globex Gardening" },
    { email: "eve@z.org", company: "Initech Surfing" },
  ]) {
    const { run_id: run } = await api(page, "POST", `/workflows/${made.id}/runs`, { payload });
    await until("the run to end", async () => (await api(page, "GET", `/runs/${run}`)).finished_at);
  }
  await page.goto(`${server.url}/unmatched`);
  await page.getByText("3 in all, the surest first").waitFor();
  await page.getByRole("button", { name: /This one|belongs to/ }).first().waitFor();
  await expectAccessible(page, "the queue of unmatched leads");
});

step("a key chooses, and it can be taken back", async () => {
  const first = await page.getByRole("button", { name: /^.+\d+%.+$/ }).first().textContent();
  await page.keyboard.press("1");
  await page.getByText(/belongs to/).first().waitFor();
  await until("the lead to leave the queue", async () => (await api(page, "GET", "/account-matches/summary")).ambiguous === 2);
  await page.keyboard.press("z");
  await until("the lead to be back", async () => (await api(page, "GET", "/account-matches/summary")).ambiguous === 3);
  assert.ok(first);
  expectNoFaults(page);
});

step("what works for no company leaves the queue", async () => {
  await page.getByText("3 in all, the surest first").waitFor();
  await page.keyboard.press("x");
  await until("one less", async () => (await api(page, "GET", "/account-matches/summary")).not_a_company === 1);
  await page.getByText("2 in all, the surest first").waitFor();
  await page.keyboard.press("l");
  await until("one put off", async () => (await api(page, "GET", "/account-matches/summary")).later === 1);
});

step("settings of matching are published in words", async () => {
  await page.goto(`${server.url}/matching`);
  await page.getByText("A lead is matched without asking when the confidence is 80% or more.").waitFor();
  await expectAccessible(page, "the settings of matching");
  await page.getByLabel("Match from (%)").fill("90");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("A lead is matched without asking when the confidence is 90% or more.").waitFor();
  await page.getByText("Version 1", { exact: true }).waitFor();
});

step("matching again shows first what would change", async () => {
  await page.getByRole("button", { name: "Show what would change" }).click();
  await page.waitForURL("**/jobs/**");
  await page.getByText("Nothing was written").waitFor();
  expectNoFaults(page);
});
