// What a newcomer finds after the first start with the example company: leads with owners, an import with results, runs and
// decisions to open, and what can be done from there: scoring again, a workflow for a segment, a list to one owner.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const LEADS = 51;
let server;
let browser;
let page;

before(async () => {
  server = await Server.start(["--example"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const step = chain(() => page);
const ended = (run) => until("the run to end", async () => (await api(page, "GET", `/runs/${run}`)).finished_at, 60);
const choose = async (control, option) => {
  await control.click();
  await page.getByRole("option", { name: option }).click();
};

step("the leads are there with owners, stages and scores", async () => {
  await page.goto(`${server.url}/leads`);
  await page.getByText(`${LEADS} in all`).waitFor({ timeout: 60_000 });
  await page.getByRole("link", { name: /Noor Rahman/ }).waitFor();
  await expectAccessible(page, "leads of the example");
});

step("an import stands there done, and its result can be taken and its leads seen", async () => {
  await page.goto(`${server.url}/imports`);
  await page.getByRole("link", { name: "Trade fair visitors.csv" }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor();
  await page.getByRole("list", { name: "Rows by what becomes of them" }).getByText("New leads", { exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /every row/i }).click()]);
  assert.match(file.suggestedFilename(), /result\.csv$/);
  await expectAccessible(page, "the result of an import");
  await page.getByRole("link", { name: "See its leads" }).click();
  await page.getByText("13 match").waitFor();
  await page.getByRole("button", { name: "Of one import: remove this filter" }).waitFor();
});

step("a lead says to whom it went, by which table and who was passed over", async () => {
  await page.getByRole("link", { name: /Noor Rahman/ }).click();
  await page.getByText("Example: territories").first().waitFor();
  await page.getByText("Who was passed over, and why").first().click();
  await expectAccessible(page, "a lead of the example");
});

step("the runs of its leads can be opened, and one looked for duplicates", async () => {
  const workflow = (await api(page, "GET", "/workflows")).items.find(({ name }) => name === "Example: a list to its owners");
  await page.goto(`${server.url}/workflows/${workflow.id}/runs`);
  await page.getByRole("link", { name: /Noor Rahman/ }).first().click();
  await page.getByText("Is it somebody we know?").first().waitFor();
});

step("an account tells what happened to it and its leads", async () => {
  const account = (await api(page, "GET", "/accounts?search=Kestrel")).items[0];
  await page.goto(`${server.url}/accounts/${account.id}`);
  const timeline = page.locator("section, article, div").filter({ has: page.getByRole("heading", { name: "Timeline" }) }).last();
  await timeline.getByRole("link", { name: "Anouk de Vries" }).first().waitFor();
  await expectAccessible(page, "the timeline of an account");
});

step("all leads are scored again at a press", async () => {
  await page.goto(`${server.url}/scoring`);
  await page.getByRole("button", { name: "Score all leads again" }).click();
  await page.waitForURL("**/jobs/*");
  const job = page.url().split("/").pop();
  await until("the job", async () => (await api(page, "GET", `/jobs/${job}`)).status === "completed");
  assert.equal((await api(page, "GET", `/jobs/${job}`)).done, LEADS);
  await expectAccessible(page, "a job that scored every lead");
});

step("a workflow is run for everybody in a segment", async () => {
  const segment = (await api(page, "GET", "/rulebooks/segment")).items.find(({ name }) => name === "Example: looked at prices");
  const count = (await api(page, "GET", "/segments")).items.find(({ name }) => name === segment.name).count;
  await page.goto(`${server.url}/segments/${segment.id}`);
  await page.getByRole("button", { name: "Run a workflow…" }).click();
  await page.getByText(`each of the ${count} leads`).waitFor();
  await choose(page.getByRole("button", { name: "Workflow" }), "Example: a list to its owners");
  await expectAccessible(page, "a workflow for a segment");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.waitForURL("**/runs/*");
  await ended(page.url().split("/").pop());
  const started = await api(page, "GET", "/runs?limit=200");
  assert.ok(started.items.length >= count + 13, `${started.items.length} runs`);
});

step("a list goes to one owner, and its leads through a workflow", async () => {
  await page.goto(`${server.url}/imports`);
  const rows = ["Name,E-mail", "Tove Holm,tove@holm-demo.com", "Rui Costa,rui@costa-demo.com"];
  await page.getByLabel("Choose a list to import").setInputFiles({ name: "two.csv", mimeType: "text/csv", buffer: Buffer.from(rows.join("\n")) });
  await page.getByRole("heading", { name: "What we found" }).waitFor();
  await choose(page.getByRole("button", { name: "Give to" }), /^Chiara Rossi/);
  await choose(page.getByRole("button", { name: "Then send through" }), "Example: a list to its owners");
  await expectAccessible(page, "who gets the leads of a list");
  await page.getByRole("button", { name: /^Preview/ }).click();
  await page.getByRole("button", { name: /^Import .* leads$/ }).click();
  await page.getByRole("heading", { name: "Result" }).waitFor({ timeout: 60_000 });
  const { items } = await api(page, "GET", "/leads?search=demo.com&limit=200");
  const both = items.filter(({ email }) => /holm|costa/.test(email));
  assert.deepEqual(both.map(({ owner }) => owner.name), ["Chiara Rossi", "Chiara Rossi"]);
  for (const lead of both) {
    await until("its run", async () => (await api(page, "GET", `/runs?search=${lead.email}`)).items.some(({ status }) => status === "completed"), 60);
  }
});

step("answers about duplicates can be learned from, and that can be turned off again", async () => {
  await page.goto(`${server.url}/duplicates`);
  await page.getByRole("heading", { name: /Lindqvist|Lindquist/ }).first().waitFor({ timeout: 60_000 });
  await expectAccessible(page, "a pair of the example");
  await page.getByRole("radio", { name: "Learning" }).click();
  await page.getByText(/Nothing is learned from fewer than 40 answers/).waitFor();
  await page.getByRole("switch", { name: "Let answers correct the weights" }).click();
  await page.getByText("learning, nothing learned yet").waitFor();
  await page.getByRole("switch", { name: "Let answers correct the weights" }).click();
  await page.getByText("v2", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Go back to version 1" }).click();
  await page.getByText("As in version 1.", { exact: true }).waitFor();
  assert.equal((await api(page, "GET", "/duplicates/learning")).is_on, true);
  await expectAccessible(page, "learning from answers");
});

step("in an empty workspace the example comes at a press", async () => {
  const empty = await Server.start(["--empty"]);
  const other = await openPage(browser);
  try {
    await setUp(other, empty);
    await other.goto(`${empty.url}/leads`);
    await expectAccessible(other, "the empty page of leads");
    await other.getByRole("button", { name: "Add an example company" }).click();
    await other.getByText(`${LEADS} in all`).waitFor({ timeout: 60_000 });
    expectNoFaults(other);
  } finally {
    await other.close();
    await empty.stop();
  }
});
