// The server goes away and comes back: the studio says so, loses no edit and saves nothing twice.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Server, api, expectNoFaults, openBrowser, openPage, setUp, until, watchConsole } from "./harness.mjs";

let server;
let browser;
let page;
let workflow;

/** What Chromium itself notes when nobody answers. */
const UNANSWERED = /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)$/;
/** A part of the studio that was asked for ahead, while a pointer was over its link. */
const UNSERVED = /^TypeError: Failed to fetch dynamically imported module: /;
/** What Chromium itself notes when a save is refused because the draft moved on. */
const STALE = /^Failed to load resource: the server responded with a status of 409/;

before(async () => {
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async () => {
  workflow = await api(page, "POST", "/workflows", { document: guests() });
  await open(page);
});

afterEach(() => expectNoFaults(page));

function guests() {
  return {
    format: 1,
    name: "Webinar guests",
    steps: {
      start: { kind: "manual", title: "Start", config: {} },
      mark: { kind: "set_fields", title: "Mark the source", config: { fields: [{ name: "source", value: "webinar" }] } },
    },
    edges: [{ from: "start", to: "mark" }],
    layout: { start: { x: 0, y: 0 }, mark: { x: 0, y: 120 } },
  };
}

const card = (tab, title) => tab.locator(".react-flow__node", { hasText: title });
const nameOf = (tab) => tab.getByRole("textbox", { name: "Workflow name" });
const gone = (tab) => tab.getByText("Trunkline is not reachable. Your edits are kept here; trying again…");
const saved = (tab) => tab.getByText(/^Saved( |$)/).waitFor();
const unsavedCopy = (tab) => tab.evaluate((id) => localStorage.getItem(`trunkline.unsaved.${id}`), workflow.id);
const onServer = () => api(page, "GET", `/workflows/${workflow.id}`);

async function open(tab) {
  await tab.goto(`${server.url}/workflows/${workflow.id}`);
  await card(tab, "Mark the source").waitFor();
  await saved(tab);
}

async function rename(tab, name) {
  await nameOf(tab).fill(name);
  await tab.keyboard.press("Enter");
}

/** Adds a "Stop" after the last step, from the palette. */
async function addStop(tab) {
  await card(tab, "Mark the source").click();
  await tab.getByRole("button", { name: "Add step" }).click();
  await tab.getByRole("combobox", { name: "Search steps" }).fill("stop");
  await tab.keyboard.press("Enter");
  await card(tab, "Stop").waitFor();
}

/** The draft on the server is what the canvas shows. */
async function expectDraftAsDrawn(tab) {
  const { draft } = await onServer();
  assert.equal(draft.name, await nameOf(tab).inputValue());
  const drawn = await tab.locator(".react-flow__node").evaluateAll((nodes) => nodes.map((node) => node.dataset.id));
  assert.deepEqual(Object.keys(draft.steps).sort(), drawn.sort());
  assert.equal(draft.edges.length, await tab.locator(".react-flow__edge").count());
  return draft;
}

/** Takes note of what the console said during an outage; only unanswered calls are forgiven. */
const forgetOutage = (tab) => expectNoFaults(tab, new RegExp(`${UNANSWERED.source}|${UNSERVED.source}`));

test("edits made while the server is away are saved once when it is back", async () => {
  const { draft_revision } = await onServer();
  await server.kill();
  await rename(page, "Webinar guests, spring");
  await gone(page).waitFor();
  await page.getByText("Not saved yet: server not reachable").waitFor();
  await addStop(page);
  await page.getByRole("button", { name: "Try now" }).click();
  assert.ok(await gone(page).isVisible());
  assert.ok((await unsavedCopy(page)).includes('"stop"'));

  await server.launch();
  await gone(page).waitFor({ state: "hidden" });
  await saved(page);
  forgetOutage(page);
  const now = await onServer();
  assert.equal(now.draft_revision, draft_revision + 1);
  assert.equal(now.draft.name, "Webinar guests, spring");
  assert.equal(Object.keys((await expectDraftAsDrawn(page)).steps).length, 3);
  await until("the kept copy to go with the answer", async () => (await unsavedCopy(page)) === null);

  // Undo reaches back over the outage.
  await page.getByRole("button", { name: /^Undo/ }).click();
  await card(page, "Stop").waitFor({ state: "detached" });
  await until("the undone step to be saved", async () => (await onServer()).draft_revision === draft_revision + 2);
  await expectDraftAsDrawn(page);
});

test("a save whose answer got lost is not made twice", async () => {
  const { draft_revision } = await onServer();
  const lost = [];
  await page.route("**/draft", async (route) => {
    await route.fetch();
    lost.push(route.request().url());
    await route.abort("connectionreset");
  }, { times: 1 });
  await rename(page, "Saved, but nobody heard");
  await until("the answer to be lost", async () => lost.length === 1);
  await until("the studio to find that it was saved", async () => (await unsavedCopy(page)) === null);
  await saved(page);
  expectNoFaults(page, new RegExp(`${UNANSWERED.source}|${STALE.source}`));
  const now = await onServer();
  assert.equal(now.draft_revision, draft_revision + 1);
  assert.equal(now.draft.name, "Saved, but nobody heard");
});

test("a page loaded anew during the outage keeps its unsaved edits", async () => {
  const { draft_revision } = await onServer();
  await server.kill();
  await rename(page, "Typed before the reload");
  await page.getByText("Not saved yet: server not reachable").waitFor();
  await addStop(page);

  // The browser asks before it leaves unsaved edits.
  const asked = new Promise((resolve) => {
    page.once("dialog", async (dialog) => {
      await dialog.accept();
      resolve(dialog.type());
    });
  });
  await assert.rejects(page.reload(), /ERR_CONNECTION_REFUSED/);
  assert.equal(await asked, "beforeunload");
  // Chromium's own page about it comes a moment later, and would stand in the way of the next one.
  await page.waitForURL(/^chrome-error:/, { timeout: 2000 }).catch(() => {});

  await server.launch();
  await page.goto(`${server.url}/workflows/${workflow.id}`);
  await card(page, "Stop").waitFor();
  assert.equal(await nameOf(page).inputValue(), "Typed before the reload");
  await saved(page);
  forgetOutage(page);
  await until("the edits to be saved", async () => (await onServer()).draft_revision === draft_revision + 1);
  await expectDraftAsDrawn(page);
  await until("the kept copy to go with the answer", async () => (await unsavedCopy(page)) === null);
});

test("a page first opened during the outage appears when the server is back", async () => {
  await server.kill();
  await rename(page, "Left behind unsaved");
  await gone(page).waitFor();
  await page.getByRole("link", { name: "Rules" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/workflows"));
  assert.ok(await gone(page).isVisible());
  await server.launch();
  await page.getByRole("link", { name: "Pools" }).click();
  await page.getByRole("heading", { name: "Pools" }).waitFor();
  await page.getByText("Account executives").first().waitFor();
  forgetOutage(page);
  // The editor had gone by then; its edits had not.
  await until("the edit to be saved", async () => (await onServer()).draft.name === "Left behind unsaved");
  // Nor is it asked about later, even if the page was loaded anew before it heard of the save.
  await open(page);
  assert.equal(await nameOf(page).inputValue(), "Left behind unsaved");
  assert.equal(await unsavedCopy(page), null);
});

test("two tabs with the same draft: either side can be chosen, nothing is overwritten unasked", async () => {
  const other = watchConsole(await page.context().newPage());
  await open(other);
  const { draft_revision } = await onServer();

  await rename(page, "From the first tab");
  await until("the first tab's save", async () => (await onServer()).draft_revision === draft_revision + 1);
  await rename(other, "From the second tab");
  const conflict = (tab) => tab.getByRole("alert").filter({ hasText: "This workflow was changed elsewhere" });
  await conflict(other).waitFor();
  await other.getByText("Not saved: changed elsewhere").waitFor();
  assert.equal((await onServer()).draft.name, "From the first tab");

  // Typing goes on while the choice is open, and is kept.
  await addStop(other);
  assert.ok(await conflict(other).isVisible());
  await conflict(other).getByRole("button", { name: "Take theirs" }).click();
  await conflict(other).waitFor({ state: "hidden" });
  await saved(other);
  assert.equal(await nameOf(other).inputValue(), "From the first tab");
  assert.equal(await card(other, "Stop").count(), 0);
  assert.equal((await onServer()).draft_revision, draft_revision + 1);

  await addStop(other);
  await until("the second tab's save", async () => (await onServer()).draft_revision === draft_revision + 2);
  await rename(page, "Mine stays");
  await conflict(page).waitFor();
  await conflict(page).getByRole("button", { name: "Keep mine" }).click();
  await conflict(page).waitFor({ state: "hidden" });
  await saved(page);
  const now = await onServer();
  assert.equal(now.draft_revision, draft_revision + 3);
  assert.equal(now.draft.name, "Mine stays");
  assert.deepEqual(Object.keys(now.draft.steps).sort(), ["mark", "start"]);
  await expectDraftAsDrawn(page);

  for (const tab of [page, other]) expectNoFaults(tab, STALE);
  await other.close();
});

test("the list of runs goes on by itself after an outage", async () => {
  await page.goto(`${server.url}/runs`);
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  const rows = async () => (await page.getByRole("row").count()) - 1;
  const send = async () => {
    const document = guests();
    return api(page, "POST", `/workflows/${workflow.id}/runs`, { draft: true, payload: { name: document.name } });
  };
  await send();
  await until("the first run to appear", async () => (await rows()) === 1);

  await server.kill();
  await gone(page).waitFor();
  await server.launch();
  await gone(page).waitFor({ state: "hidden" });
  forgetOutage(page);
  await send();
  await until("the second run to appear", async () => (await rows()) === 2);
  await until("both to be completed", async () => (await page.getByRole("row", { name: /Completed/ }).count()) === 2);
});
