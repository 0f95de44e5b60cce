// Real leads, one event a row: imported across a crash of the server, every row accounted for and none taken twice.
// Normally the first 1,500 rows; all 9,240 with TRUNKLINE_LONG=1.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, shared, until } from "./harness.mjs";

const source = join(shared, "data/leads.csv");
const skip = existsSync(source) ? false : `there is no ${source}; set TRUNKLINE_SHARED to the folder that holds data/leads.csv`;
const long = process.env.TRUNKLINE_LONG === "1";
const patience = long ? 600 : 60;

let server;
let browser;
let page;
let folder;
let file;
let header;
let rows;
let workflow;

const step = chain(() => page, { skip });

before(async () => {
  if (skip) return;
  const lines = (await readFile(source, "utf8")).trimEnd().split(/\r?\n/);
  header = lines[0];
  rows = lines.slice(1, long ? undefined : 1501);
  folder = await mkdtemp(join(tmpdir(), "trunkline-leads-"));
  file = join(folder, "leads.csv");
  await writeFile(file, `${[header, ...rows].join("\n")}\n`);
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  const { items } = await api(page, "GET", "/workflows");
  workflow = items.find(({ name }) => name === "Inbound lead to owner").id;
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The first column: what tells the rows apart. */
const idOf = (row) => row.split(",", 1)[0];
const summary = () => api(page, "GET", "/leads/summary");
const importLeads = () => server.cli("import", "leads", file, "--workflow", "Inbound lead to owner", "--json");
const sum = (counts) => counts.reduce((total, { count }) => total + count, 0);

/** Every run of the workflow, page by page. */
async function allRuns() {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { items, next } = await api(page, "GET", `/runs?workflow=${workflow}&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...items);
    cursor = next;
  }
  return found;
}

/** Waits until every run has ended. */
async function settled() {
  for (const status of ["queued", "running"]) {
    const none = async () => (await api(page, "GET", `/runs?workflow=${workflow}&status=${status}&limit=1`)).items.length === 0;
    await until(`no run to be ${status}`, none, patience);
  }
}

/** Every lead is with an owner or in a list, and the pools have counted as many as their members have. */
async function expectBooksBalance(total) {
  const now = await summary();
  assert.equal(now.total, total);
  assert.equal(sum(now.by_owner), total);
  assert.equal(sum(now.by_stage), total);
  const pools = (await api(page, "GET", "/pools")).items;
  const members = pools.flatMap((pool) => pool.members);
  const assigned = new Map();
  for (const { owner_id, assigned: count } of members) assigned.set(owner_id, (assigned.get(owner_id) ?? 0) + count);
  let owned = 0;
  for (const { owner, count } of now.by_owner) {
    if (!owner) continue;
    owned += count;
    assert.equal(assigned.get(owner.id), count, `what ${owner.name} was given`);
  }
  assert.ok(owned > 0);
  assert.equal([...assigned.values()].reduce((all, count) => all + count, 0), owned);
  assert.equal(sum(now.by_list), total - owned, "those without an owner are nurtured");
}

step("an import goes on when the server is killed half-way and comes back", async () => {
  const running = importLeads();
  await until("a part of the rows to be stored", async () => (await summary()).total >= rows.length / 4, patience);
  assert.equal(running.child.exitCode, null, "the import was over before the server could be killed");
  await server.kill();
  await server.launch();
  const { code, output } = await running.done;
  assert.equal(code, 0, output);
  const said = JSON.parse(output);
  // A batch whose answer the crash swallowed is sent again, and its rows are then known.
  assert.equal(said.accepted + said.duplicates, rows.length, output);
  assert.equal(said.rejected, 0, output);
  expectNoFaults(page, /net::ERR_/);
});

step("every row is one run and one lead, owned or nurtured", async () => {
  await settled();
  const runs = await allRuns();
  assert.equal(runs.length, rows.length);
  assert.deepEqual(new Set(runs.map(({ status }) => status)), new Set(["completed"]));
  assert.equal(new Set(runs.map((run) => run.lead_id)).size, rows.length, "no lead came twice");
  const ids = new Set(rows.map(idOf));
  assert.equal(ids.size, rows.length);
  await expectBooksBalance(ids.size);
  for (const row of [rows.at(0), rows.at(rows.length / 2), rows.at(-1)]) {
    const { items } = await api(page, "GET", `/runs?search=${idOf(row)}`);
    assert.equal(items.length, 1);
    const lead = await api(page, "GET", `/leads/${items[0].lead_id}`);
    assert.equal(lead.external_id, idOf(row));
    assert.equal(lead.timeline.filter(({ kind }) => kind === "created").length, 1);
  }
});

step("importing the same file again adds nothing", async () => {
  const before = await summary();
  const { code, output } = await importLeads().done;
  assert.equal(code, 0, output);
  const { sent, accepted, duplicates } = JSON.parse(output);
  assert.deepEqual({ sent, accepted, duplicates }, { sent: rows.length, accepted: 0, duplicates: rows.length });
  assert.deepEqual(await summary(), before);
  assert.equal((await allRuns()).length, rows.length);
});

step("the run list finds a row's run by its id and by its outcome", async () => {
  const wanted = rows.at(Math.floor(rows.length / 3));
  await page.goto(`${server.url}/workflows/${workflow}/runs`);
  const table = page.getByRole("table", { name: "Runs" });
  const shown = async () => (await table.getByRole("row").count()) - 1;
  await until("a page of runs", async () => (await shown()) > 20);
  const search = page.getByRole("searchbox").or(page.getByRole("textbox", { name: /Find runs/ })).first();
  await search.fill(idOf(wanted));
  await until("the one run of this row", async () => (await shown()) === 1);
  const run = (await table.getByRole("link").first().getAttribute("href")).split("/").pop();
  const { lead_id } = await api(page, "GET", `/runs/${run}`);
  assert.equal((await api(page, "GET", `/leads/${lead_id}`)).external_id, idOf(wanted));

  await search.fill(run);
  await page.waitForURL(`**/runs?search=${run}`);
  await until("the run with this id", async () => (await shown()) === 1);
  await expectAccessible(page, "the filtered runs");

  const outcome = async (words) => {
    await page.getByRole("combobox", { name: "Outcome" }).click();
    await page.getByRole("option", { name: words }).click();
  };
  await outcome("Failed");
  await page.getByText("No run matches").waitFor();
  await page.getByRole("button", { name: "Show all runs" }).click();
  await outcome("Completed");
  await until("completed runs", async () => (await shown()) > 20);
  assert.equal(await table.getByRole("row", { name: /Completed/ }).count(), await shown());
});

step("rows sent by curl: a file to the workflow's events, single ones to its webhook", async () => {
  const total = (await summary()).total;
  const { token } = await api(page, "POST", "/tokens", { name: "curl", days: 1 });
  const more = rows.slice(0, 50).map((row) => `curl-${row}`);
  const sheet = join(folder, "more.csv");
  await writeFile(sheet, `${[header, ...more].join("\n")}\n`);
  const curl = async (...words) => JSON.parse((await promisify(execFile)("curl", ["--silent", "--show-error", ...words])).stdout);
  const sendSheet = () =>
    curl("-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: text/csv", "--data-binary", `@${sheet}`,
      `${server.url}/api/v1/workflows/${workflow}/events?key=Prospect%20ID`);
  const first = await sendSheet();
  assert.equal(first.accepted, 50, JSON.stringify(first));
  const second = await sendSheet();
  assert.deepEqual([second.accepted, second.duplicates], [0, 50]);

  for (let count = 1; count <= 10; count += 1) {
    const body = JSON.stringify({ external_id: `single-${count}`, source: "Google", total_time_spent_on_website: 100 * count });
    const { run_id } = await curl("-H", "Content-Type: application/json", "-d", body, `${server.url}/hooks/demo-request`);
    assert.match(run_id, /^[0-9a-f-]{36}$/);
  }
  await settled();
  await expectBooksBalance(total + 60);
});

step("the leads page shows the whole crowd, and nothing complained", async () => {
  await page.goto(`${server.url}/leads`);
  await page.getByRole("table").waitFor();
  await page.getByText((await summary()).total.toLocaleString("en")).first().waitFor();
  await expectAccessible(page, "the leads");
  expectNoFaults(page);
});
