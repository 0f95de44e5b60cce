// Everything in the editor by keyboard alone: the page counts what a pointing hand would do, and that stays at nothing.

import assert from "node:assert/strict";
import { after, afterEach, before } from "node:test";
import { Server, api, chain, expectNoFaults, openBrowser, openPage, setUp, until } from "./harness.mjs";

let server;
let browser;
let page;
let workflow;

before(async () => {
  server = await Server.start();
  browser = await openBrowser();
  page = await openPage(browser);
  await setUp(page, server);
  await page.addInitScript(() => {
    window.pointed = 0;
    for (const kind of ["pointerdown", "mousedown", "touchstart", "wheel"]) {
      window.addEventListener(kind, () => (window.pointed += 1), { capture: true, passive: true });
    }
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

afterEach(async () => {
  expectNoFaults(page);
  assert.equal(await page.evaluate(() => window.pointed), 0, "no mouse was used");
});

const card = (title) => page.locator(".react-flow__node").filter({ has: page.getByText(title, { exact: true }) });
const step = chain(() => page);
const cards = () => page.locator(".react-flow__node");
const dialog = () => page.getByRole("dialog");
const draft = async () => (await api(page, "GET", `/workflows/${workflow}`)).draft;

/** What has the focus: its name, and whether one can see that it has it. */
function focus() {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return { name: "", place: "nowhere", shown: false };
    const labelled = element.getAttribute("aria-labelledby");
    const words = labelled ? document.getElementById(labelled)?.textContent : element.labels?.[0]?.textContent;
    const name = element.getAttribute("aria-label") ?? words ?? element.textContent;
    const box = element.getBoundingClientRect();
    const inSight = box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const outlined = (one) => one && getComputedStyle(one).outlineStyle !== "none" && Number.parseFloat(getComputedStyle(one).outlineWidth) > 0;
    const field = element.closest("[data-template-field]");
    const marked =
      outlined(element) ||
      outlined(element.querySelector(".canvas-card")) ||
      element.matches("[data-highlighted]") ||
      (field !== null && getComputedStyle(field).boxShadow !== "none") ||
      // What is entered as a whole, like a panel, is marked by being there.
      element.matches("main, aside, [role=dialog], [role=menu], [role=listbox]");
    return { name: name.trim(), place: `<${element.localName} class="${element.className}">`, shown: inSight && marked };
  });
}

async function expectFocusShown() {
  // A glide across the canvas may have to end first.
  const where = async () => {
    const now = await focus();
    return now.shown && now;
  };
  return until("the focus to be seen", where, 3).catch(async () => {
    const { name, place } = await focus();
    assert.fail(`one cannot see that “${name}” has the focus: ${place}`);
  });
}

/** Presses one key and expects to see where it led. */
async function press(key) {
  await page.keyboard.press(key);
  return expectFocusShown();
}

/** Goes on with Tab until what is called `name` has the focus. */
async function tabTo(name, key = "Tab") {
  const seen = [];
  for (let here = await focus(); seen.length < 60; here = await press(key)) {
    if (typeof name === "string" ? here.name === name : name.test(here.name)) return;
    seen.push(here.name);
  }
  assert.fail(`${key} never led to ${name}, but to: ${seen.join(" | ")}`);
}

async function expectFocusOn(title) {
  await until(`“${title}” to have the focus`, () => card(title).evaluate((node) => node === document.activeElement), 5);
  await expectFocusShown();
}

/** From a card or the canvas: Tab, search, Enter. */
async function add(search, title) {
  await press("Tab");
  assert.equal((await focus()).name, "Search steps");
  await page.keyboard.type(search);
  await page.keyboard.press("Enter");
  await card(title).waitFor();
  await expectFocusOn(title);
}

/** Opens the step whose card has the focus, and is in its panel. */
async function open(title) {
  await page.keyboard.press("Enter");
  await until("the panel to have the focus", async () => (await focus()).place.startsWith("<aside"), 5);
  await page.getByRole("textbox", { name: "Step title" }).waitFor();
  assert.equal(await page.getByRole("textbox", { name: "Step title" }).inputValue(), title);
}

/** Opens the menu of the step whose panel is open and presses the entry that starts with `words`. */
async function chooseFromMenu(words) {
  await tabTo("More actions");
  await press("Enter");
  const inMenu = () => page.getByRole("menu").evaluate((menu) => menu.contains(document.activeElement));
  await until("the menu to take the focus", inMenu, 5);
  for (let pressed = 0; pressed < 20; pressed += 1) {
    const { name } = await focus();
    if (name.startsWith(words)) return page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await until("the next entry", async () => (await focus()).name !== name, 5);
    await expectFocusShown();
  }
  assert.fail(`the menu has no entry “${words}”`);
}

/** Tab and Shift+Tab stay inside the open dialog, all the way round and back. */
async function expectTrapped() {
  await dialog().waitFor();
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let pressed = 0; pressed < 8; pressed += 1) {
      await press(key);
      const inside = await dialog().evaluate((panel) => panel.contains(document.activeElement));
      assert.ok(inside, `${key} left the dialog`);
    }
  }
}

step("a trigger, a question and two branches are added with Tab, a word and Enter", async () => {
  await page.goto(`${server.url}/workflows`);
  await page.getByRole("link", { name: "Inbound lead to owner" }).first().waitFor();
  await tabTo("New workflow", "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/workflows\/[0-9a-f-]+$/);
  workflow = new URL(page.url()).pathname.split("/").pop();
  await page.getByRole("heading", { name: "What starts this workflow?" }).waitFor();

  await add("webhook", "Webhook");
  await add("if", "If");
  await add("set fields", "Set fields");
  await press("ArrowUp");
  await expectFocusOn("If");
  await add("stop", "Stop");
  await press("ArrowUp");
  await expectFocusOn("If");
  await press("ArrowUp");
  await expectFocusOn("Webhook");
  await until("the draft to be saved", async () => (await draft()).edges.length === 3);
  const { edges } = await draft();
  assert.deepEqual(
    edges.map(({ from, port = "out", to }) => `${from}.${port} ${to}`).sort(),
    ["if.no stop", "if.yes set_fields", "webhook.out if"],
  );
});

step("the palette is walked with the arrows and left with Escape", async () => {
  await press("Tab");
  const option = () => page.getByRole("option", { selected: true }).textContent();
  const first = await option();
  await press("ArrowDown");
  assert.notEqual(await option(), first);
  await press("ArrowUp");
  assert.equal(await option(), first);
  await press("Escape");
  await page.getByRole("combobox", { name: "Search steps" }).waitFor({ state: "detached" });
  await expectFocusOn("Webhook");
});

step("keys that follow faster than the page is drawn go where they are meant to", async () => {
  await Promise.all(["Enter", "Tab"].map((key) => page.keyboard.press(key)));
  await until("the title to have the focus", async () => (await focus()).name === "Step title", 5);
  assert.equal(await page.getByRole("combobox", { name: "Search steps" }).count(), 0, "Tab was for the panel");
  await page.keyboard.press("Escape");
  await expectFocusOn("Webhook");
  // A panel that closes beside the canvas cuts the way to a card short; the card still gets the keyboard.
  await Promise.all(["Enter", "Tab", "Tab", "Tab"].map((key) => page.keyboard.press(key)));
  await until("the panel to be left by its cross", async () => (await focus()).name === "Close the panel", 5);
  await page.keyboard.press("Enter");
  await expectFocusOn("Webhook");
});

step("steps are connected and disconnected through the menu", async () => {
  await press("ArrowDown");
  await press("ArrowDown");
  await expectFocusOn("Set fields");
  await page.keyboard.press("Control+d");
  await card("Set fields 2").waitFor();
  await expectFocusOn("Set fields 2");
  await press("ArrowLeft");
  await expectFocusOn("Set fields");

  await open("Set fields");
  await chooseFromMenu("Connect to…");
  await expectTrapped();
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  await expectFocusShown();

  await chooseFromMenu("Connect to…");
  await dialog().waitFor();
  await tabTo("To");
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "Set fields 2" }).waitFor();
  await page.keyboard.type("fields 2");
  await page.keyboard.press("Enter");
  await tabTo("Connect");
  await page.keyboard.press("Enter");
  await dialog().waitFor({ state: "detached" });
  await until("the arrow", async () => (await draft()).edges.length === 4);
  await expectFocusShown();

  await chooseFromMenu("Disconnect from “Set fields 2”");
  await until("the arrow to be gone", async () => (await draft()).edges.length === 3);
  await press("Control+z");
  await until("the arrow to be back", async () => (await draft()).edges.length === 4);
});

step("a step is renamed with F2, switched off and on with D", async () => {
  await press("Escape");
  assert.equal((await focus()).name, "Add stepTab");
  await tabTo(/^Set fields\b/, "Shift+Tab");
  await press("ArrowDown");
  await expectFocusOn("Set fields 2");
  await press("F2");
  await until("the title to have the focus", async () => (await focus()).name === "Step title", 5);
  await page.keyboard.type("Greeting");
  await page.keyboard.press("Enter");
  await expectFocusOn("Greeting");
  await press("d");
  await until("it to be off", async () => (await draft()).steps.set_fields_2.disabled === true);
  await press("d");
  await until("it to be on", async () => !(await draft()).steps.set_fields_2.disabled);
});

step("copy, paste, duplicate, delete, undo, redo, tidy", async () => {
  const before = await cards().count();
  await page.keyboard.press("Control+c");
  await page.getByText("Copied as JSON", { exact: true }).waitFor();
  await page.keyboard.press("Control+v");
  await card("Greeting 2").waitFor();
  await expectFocusOn("Greeting 2");
  await page.keyboard.press("Control+d");
  await card("Greeting 3").waitFor();
  await expectFocusOn("Greeting 3");

  await page.keyboard.press("Delete");
  await card("Greeting 3").waitFor({ state: "detached" });
  await expectFocusShown();
  await press("Control+z");
  await card("Greeting 3").waitFor();
  await press("Control+Shift+z");
  await card("Greeting 3").waitFor({ state: "detached" });
  await press("Control+z");
  await press("Control+z");
  await press("Control+z");
  await until("paste and duplicate to be undone", async () => (await cards().count()) === before);

  const places = async () => JSON.stringify((await draft()).layout);
  await page.keyboard.press("Control+s");
  await page.getByText(/^Saved/).first().waitFor();
  const asPlaced = await places();
  await press("Alt+Shift+t");
  await until("the tidy layout", async () => (await places()) !== asPlaced);
  await press("Control+z");
  await until("the old layout", async () => (await places()) === asPlaced);
});

step("the question is filled in, the draft runs, and goes live", async () => {
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("1");
  await page.goto(`${server.url}/workflows/${workflow}`);
  await card("If").waitFor();
  await press("ArrowDown");
  await expectFocusOn("Webhook");
  await press("ArrowDown");
  await expectFocusOn("If");
  await open("If");
  // Until its editor is there, what stands in for it takes the keyboard, but nothing that is typed.
  await page.locator("[contenteditable=true][aria-label^='Field of ']").waitFor();
  await tabTo(/^Field of /);
  await page.keyboard.type("{{ trigger.body.email }}");
  await tabTo(/^Operator of /);
  await page.keyboard.press("Enter");
  await until("the list to have the focus", async () => (await focus()).place.startsWith("<div"), 5);
  await page.keyboard.type("contains");
  await until("the operator to be found", async () => (await focus()).name === "contains", 5);
  await page.keyboard.press("Enter");
  await page.getByRole("listbox").waitFor({ state: "detached" });
  await tabTo(/^Value of /);
  await page.keyboard.type("@");
  await until("no error to be left", async () => {
    const { problems } = await api(page, "GET", `/workflows/${workflow}`);
    return !problems.some(({ severity }) => severity === "error");
  });

  await page.keyboard.press("Control+Enter");
  await expectTrapped();
  await tabTo("Run draft");
  await page.keyboard.press("Enter");
  await page.getByText(/Run finished in/).waitFor();
  await expectFocusShown();
  await page.keyboard.press("Escape");
  await page.getByText(/Run finished in/).waitFor({ state: "detached" });

  await tabTo("Publish…", "Shift+Tab");
  await page.keyboard.press("Enter");
  await expectTrapped();
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
  assert.equal((await expectFocusShown()).name, "Publish…");
  await page.keyboard.press("Enter");
  await tabTo("Publish");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Version 1 is live" }).waitFor();
  await expectTrapped();
  await tabTo("Done");
  await page.keyboard.press("Enter");
  await dialog().waitFor({ state: "detached" });
  await expectFocusShown();
});
