// A routing table edited as a sheet, sent around as a workbook, simulated on the leads there are, published; then a lead is
// routed by it and says why. Every number is compared with a count made from the leads that were sent.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

const COUNTRIES = ["DE", "US", "FR"];
const LEADS = 12;
const leads = Array.from({ length: LEADS }, (_, n) => ({ email: `lead${n}@corp${n}.example`, country: COUNTRIES[n % 3] }));

let server;
let browser;
let page;
let pool;
let table;

async function flow(name, table) {
  const fields = ["email", "country"].map((field) => ({ name: field, value: `{{ trigger.body.${field} }}` }));
  const steps = {
    start: { kind: "manual", title: "Start", config: {} },
    find: { kind: "find_or_create_lead", title: "Find", config: { match_on: ["email"], fields } },
    ...(table ? { route: { kind: "route_lead", title: "Route lead", config: { lead: "{{ steps.find.lead }}", table } } } : {}),
  };
  const edges = [{ from: "start", to: "find" }, ...(table ? [{ from: "find", to: "route" }] : [])];
  const made = await api(page, "POST", "/workflows", { document: { format: 1, name, steps, edges } });
  await api(page, "POST", `/workflows/${made.id}/publish`, { base_revision: made.draft_revision });
  return made.id;
}

before(async () => {
  server = await Server.start(["--empty"]);
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  const owners = {};
  for (const name of ["Ana", "Ben", "Eve"]) {
    owners[name] = await api(page, "POST", "/owners", { name, email: `${name.toLowerCase()}@example.com` });
  }
  const made = await api(page, "POST", "/pools", { name: "AE" });
  const members = [["Ana", 2], ["Ben", 1]].map(([name, weight]) => ({ owner_id: owners[name].id, weight, active: true }));
  pool = await api(page, "PUT", `/pools/${made.id}`, { name: "AE", members });
  const intake = await flow("Intake");
  for (const payload of leads) {
    const run = await api(page, "POST", `/workflows/${intake}/runs`, { payload });
    await until("the lead to be there", async () => (await api(page, "GET", `/runs/${run.run_id}`)).status === "completed");
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(() => expectNoFaults(page));

const test = chain(() => page);
const dialog = () => page.getByRole("dialog");
const cell = (name) => page.getByRole("textbox", { name, exact: true });

async function choose(name, option) {
  await page.getByRole("combobox", { name, exact: true }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** Waits until what was typed is on the server. */
async function saved(says) {
  await until("the draft to be saved", async () => {
    const draft = JSON.stringify((await api(page, "GET", `/rulebooks/routing_table/${table}`)).draft);
    return draft.includes(says);
  });
}

async function publish() {
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByRole("textbox", { name: "Why" }).fill("As agreed with sales");
  await dialog().getByRole("button", { name: "Publish", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
}

test("an empty page teaches, and a first table says what it lacks", async () => {
  await page.goto(`${server.url}/routing`);
  await page.getByRole("heading", { name: "No routing tables yet" }).waitFor();
  await expectAccessible(page, "routing without a table");
  await page.getByRole("button", { name: "New table" }).first().click();
  await page.waitForURL("**/routing/*");
  table = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByText("No owner is chosen for leads that nobody else can take.").waitFor();
});

test("the table is edited as a sheet, with the keyboard, and read as a document", async () => {
  await choose("When nobody can take a lead", "Eve");
  await choose("Row 1, pool", "AE");
  await cell("Row 1, Country").focus();
  await page.keyboard.press("Control+Enter");
  await cell("Row 2, Country").waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Row 1, Country");
  await page.keyboard.type("US");
  await choose("Row 1, kind of place", "Owner");
  await choose("Row 1, owner", "Eve");
  await page.getByText("If Country is US: it goes to Eve.").waitFor();
  await page.getByText("Every other lead: it goes to the next in the pool AE.").waitFor();
  await expectAccessible(page, "a routing table");
});

test("a lead says where it would go, and who was passed over", async () => {
  await page.getByRole("textbox", { name: "Name or e-mail address of a lead" }).fill("lead0");
  await page.getByRole("button", { name: "Try", exact: true }).click();
  const candidates = page.getByRole("table", { name: "Candidates" });
  const ana = candidates.getByRole("row", { name: /Ana/ });
  await ana.getByText("Chosen").waitFor();
  await ana.getByText("0 → 1").waitFor();
  await candidates.getByRole("row", { name: /Ben/ }).getByText("Not their turn", { exact: true }).waitFor();
});

/** What each owner gets when turns are dealt by hand: Ana has twice the weight of Ben. */
function byHand() {
  const counts = { Ana: 0, Ben: 0, Eve: 0 };
  const credits = { Ana: 0, Ben: 0 };
  for (const { country } of leads) {
    if (country === "US") {
      counts.Eve++;
      continue;
    }
    credits.Ana += 2;
    credits.Ben += 1;
    const next = credits.Ben > credits.Ana ? "Ben" : "Ana";
    credits[next] -= 3;
    counts[next]++;
  }
  return counts;
}

test("the past is simulated, and each figure is what dealing by hand gives", async () => {
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByRole("button", { name: "Simulate the last 30 days" }).click();
  await page.getByRole("heading", { name: `${LEADS} leads` }).waitFor();
  const rows = page.getByRole("table", { name: "Leads per owner" }).getByRole("row");
  const shown = {};
  for (const row of (await rows.all()).slice(1)) {
    const cells = await row.getByRole("cell").allTextContents();
    shown[cells[0]] = Number(cells[2]);
  }
  assert.deepEqual(shown, byHand());
  const rules = page.getByRole("table", { name: "Leads per row" });
  const us = leads.filter(({ country }) => country === "US").length;
  await rules.getByRole("row", { name: `Row 1 ${us}` }).waitFor();
  await rules.getByRole("row", { name: `Row 2 ${LEADS - us}` }).waitFor();
  const waits = page.getByRole("table", { name: "How long leads waited" });
  await waits.getByRole("row", { name: `At once ${LEADS}` }).waitFor();
  await expectAccessible(page, "a simulation");
  await page.getByRole("navigation", { name: "Where you are" }).getByRole("link").last().click();
});

test("it is published with a reason", async () => {
  await cell("Row 1, Country").waitFor();
  await publish();
  await page.getByText("v1 in force").waitFor();
  await page.getByText("As agreed with sales").waitFor();
});

test("the table goes out as a workbook and comes back the same; a bad line is told by its number", async (context) => {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click().then(() => page.getByRole("menuitem", { name: "Excel workbook" }).click()),
  ]);
  assert.match(file.suggestedFilename(), /\.xlsx$/);
  const path = await file.path();
  assert.equal((await readFile(path)).subarray(0, 2).toString(), "PK");
  const upload = async (path) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByRole("button", { name: "Upload" }).click()]);
    await chooser.setFiles(path);
  };
  await upload(path);
  await page.getByText("2 rows are in the draft").first().waitFor();
  await page.getByText("If Country is US: it goes to Eve.").first().waitFor();

  const folder = server.data;
  const csv = join(folder, "territories.csv");
  await writeFile(csv, "Country [country:text],to,name\nUS,owner,Eve\nFR,heaven,Ben\nFR,owner,Ben\n,pool,AE\n");
  await upload(csv);
  const line = dialog().getByRole("row").nth(1);
  await line.waitFor();
  assert.deepEqual((await line.getByRole("cell").allTextContents()), ["3", "\"heaven\" is neither owner, pool, team, account owner nor list", "left out"]);
  await expectAccessible(page, "lines that need a look");
  await dialog().getByRole("button", { name: "Take 3 rows" }).click();
  await page.getByText("If Country is FR: it goes to Ben.").first().waitFor();
  await saved("FR");
});

test("what changes is told in words before it is in force, and the versions are compared", async () => {
  await page.getByRole("button", { name: "Publish…" }).click();
  await dialog().getByText("If Country is FR: it goes to Ben.").waitFor();
  assert.equal(await dialog().getByRole("listitem").count(), 1, "one sentence is new, none is gone");
  await page.keyboard.press("Escape");
  await publish();
  await page.getByText("v2 in force").waitFor();
  await page.getByRole("button", { name: "Put version 1 into the draft" }).waitFor();
});

test("a lead is routed by it, and the reason is seen on the run", async () => {
  const name = (await api(page, "GET", `/rulebooks/routing_table/${table}`)).name;
  const route = await flow("Route", name);
  const before = (await api(page, "GET", "/pools")).items[0].members.map(({ assigned }) => assigned);
  const run = await api(page, "POST", `/workflows/${route}/runs`, { payload: { email: "new@corp.example", country: "DE" } });
  await until("the lead to be routed", async () => (await api(page, "GET", `/runs/${run.run_id}`)).status === "completed");
  const decisions = await api(page, "GET", `/runs/${run.run_id}/decisions`);
  const { decision, owner } = decisions.items[0];
  assert.deepEqual([decision.table, decision.version, decision.row, decision.pool], [name, 2, 3, "AE"]);
  assert.deepEqual(decision.candidates.map((one) => one.before.assigned), before);
  await page.goto(`${server.url}/runs/${run.run_id}`);
  await page.getByText("The whole decision").click();
  await page.getByText(`Row 3 of ${name}, version 2`).waitFor();
  const chosen = page.getByRole("table", { name: "Candidates" }).getByRole("row", { name: new RegExp(owner) });
  await chosen.getByText("Chosen").waitFor();
  await chosen.getByText("0 → 1").waitFor();
  await page.getByText("Row 1 not: Country is US, and here it is DE.").waitFor();
  await expectAccessible(page, "a decision");
  assert.equal(pool.members.length, 2);
});
