// A search finds two leads that are one person; they are looked at side by side, merged, and un-merged again.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectAccessible, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;

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

afterEach(() => expectNoFaults(page));

const step = chain(() => page);
const leads = async () => (await api(page, "GET", "/leads?limit=200")).items;
const pairs = async (state) => (await api(page, "GET", `/duplicates?state=${state}`)).items;

const FIRST = ["Ada", "Grace", "Radia", "Hedy", "Joan", "Karen", "Barbara", "Frances", "Katherine", "Dorothy"];
const LAST = ["Lovelace", "Hopper", "Perlman", "Lamarr", "Clarke", "Jones", "Liskov", "Allen", "Johnson", "Vaughan"];

async function send(fields) {
  const answer = await fetch(`${server.url}/hooks/demo-request`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  assert.equal(answer.status, 202);
}

step("two of many leads are one person with two addresses", async () => {
  for (const [place, first_name] of FIRST.entries()) {
    const last_name = LAST[place];
    const city = `City ${place}`;
    await send({ email: `${first_name}@${last_name}.example`.toLowerCase(), first_name, last_name, city, company: `${last_name} Works` });
  }
  await send({ email: "ada.lovelace@mail.example", first_name: "Ada", last_name: "Lovelase", city: "City 0", company: "Lovelace Works", job_title: "Countess" });
  await until("the leads", async () => (await leads()).length === FIRST.length + 1);
});

step("the empty queue says what a search is for", async () => {
  await page.goto(`${server.url}/duplicates`);
  await page.getByText("No pairs to review").waitFor();
  await expectAccessible(page, "the empty queue of duplicates");
});

step("a search finds the pair and says why", async () => {
  await page.getByRole("button", { name: "Look for duplicates" }).first().click();
  await page.getByRole("heading", { name: /Lovelace and .*Lovelase|Lovelase and .*Lovelace/ }).waitFor();
  await page.getByText(/almost the same last name \+/).waitFor();
  assert.equal((await pairs("waiting")).length, 1);
  await expectAccessible(page, "a pair side by side");
});

step("a person chooses a value and merges with one key", async () => {
  await page.getByRole("radio", { name: /^Last name: Lovelace/ }).check();
  await page.keyboard.press("m");
  await page.getByText(/^Merged Ada/).waitFor();
  await until("one lead fewer", async () => (await leads()).length === FIRST.length);
  const ada = (await leads()).find(({ name }) => name.startsWith("Ada"));
  const whole = await api(page, "GET", `/leads/${ada.id}`);
  assert.deepEqual([whole.last_name, whole.job_title], ["Lovelace", "Countess"]);
  await page.getByText("No pairs to review").waitFor();
});

step("the merge stands on the timeline and is taken back there", async () => {
  const ada = (await leads()).find(({ name }) => name.startsWith("Ada"));
  await page.goto(`${server.url}/leads/${ada.id}`);
  await page.getByText(/^Merged with Ada/).waitFor();
  await page.getByRole("button", { name: "Un-merge" }).click();
  await page.getByText("The merge was taken back", { exact: true }).waitFor();
  await until("both leads", async () => (await leads()).length === FIRST.length + 1);
  const names = (await leads()).map(({ name }) => name).filter((name) => name.startsWith("Ada"));
  assert.deepEqual(names.sort(), ["Ada Lovelace", "Ada Lovelase"]);
});

step("the history tells of it, and the pair waits for another look", async () => {
  await page.goto(`${server.url}/duplicates`);
  await page.getByRole("radio", { name: "History" }).click();
  await page.getByText("Taken back").waitFor();
  await expectAccessible(page, "the history of merges");
  await page.getByRole("radio", { name: "Later" }).click();
  await page.getByRole("button", { name: /^Not the same/ }).click();
  await until("the decision", async () => (await pairs("different")).length === 1);
});
