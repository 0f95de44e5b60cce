// Starts a real server on a free port with a fresh data folder, and a real Chromium beside it.
// Every page it opens fails the test on a console error, an uncaught exception or a failed request of our own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const studio = createRequire(join(root, "studio/package.json"));
const { chromium } = studio("playwright-core");
const { AxeBuilder } = studio("@axe-core/playwright");

/** The binary under test. */
export const binary = process.env.TRUNKLINE_BIN ?? join(root, "target/debug/trunkline");

/** Real inputs beside the repository; a test that needs them is skipped when they are absent. */
export const shared = process.env.TRUNKLINE_SHARED ?? join(root, "../shared");

export const owner = { email: "grace@example.com", password: "correct horse battery staple" };

/** A port nobody listens on. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Polls `check` until it gives something truthy. */
export async function until(what, check, seconds = 20) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await check().catch(() => undefined);
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** The box of `locator` once it is at rest: a canvas may still be gliding, and a panel pushing it aside. */
export function boxAtRest(locator) {
  let before = "";
  return until("it to be at rest", async () => {
    await locator.evaluate(() => new Promise((next) => requestAnimationFrame(() => setTimeout(next))));
    const box = await locator.boundingBox();
    const now = JSON.stringify(box);
    const rests = box !== null && now === before;
    before = now;
    return rests && box;
  });
}

/** A server that can be killed and started again on the same data and port. */
export class Server {
  static async start(flags = [], environment = {}) {
    const server = new Server();
    server.flags = flags;
    server.environment = environment;
    server.data = await mkdtemp(join(tmpdir(), "trunkline-studio-"));
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    await server.launch();
    return server;
  }

  async launch() {
    this.output = "";
    const flags = ["serve", "--data", this.data, "--listen", `127.0.0.1:${this.port}`, ...this.flags];
    const env = { ...process.env, ...this.environment };
    this.process = spawn(binary, flags, { env, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk) => {
      this.output += chunk;
    };
    this.process.stdout.on("data", keep);
    this.process.stderr.on("data", keep);
    await until(`the server to answer\n${this.output}`, async () => (await fetch(`${this.url}/readyz`)).ok, 30);
  }

  /** The one-time link the server printed. */
  setupLink() {
    return until("the set-up link", async () => this.output.match(/http:\/\/\S+\/setup\?token=\S+/)?.[0]);
  }

  async kill() {
    const gone = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await gone;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await gone;
    }
    await rm(this.data, { recursive: true, force: true });
  }

  /** Runs the command line against this server's data folder. */
  cli(...words) {
    const child = spawn(binary, words, { env: { ...process.env, TRUNKLINE_DATA: this.data, TRUNKLINE_URL: this.url } });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    const done = once(child, "exit").then(([code]) => ({ code, output }));
    return { child, done, output: () => output };
  }
}

/** Where distributions keep the library that shows a process another clock. */
const FAKETIME = ["x86_64", "aarch64"].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`);

/** The clock of one server, set by a test while it runs. Only wall time is: pauses stay as long as they are. */
export class Clock {
  /** A clock that is right; nothing where the library is missing (cargo xtask test installs it). */
  static async create() {
    const library = FAKETIME.find(existsSync);
    if (!library) return undefined;
    const clock = new Clock();
    clock.folder = await mkdtemp(join(tmpdir(), "trunkline-clock-"));
    clock.path = join(clock.folder, "offset");
    clock.environment = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clock.path,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    };
    await clock.set("+0m");
    return clock;
  }

  /** Sets it so far off as `offset` says, such as `+50m`. */
  async set(offset) {
    // Renamed into place: the server must not read half a line.
    await writeFile(`${this.path}.new`, `${offset}\n`);
    await rename(`${this.path}.new`, this.path);
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Opens Chromium; close it when the test file ends. */
export async function openBrowser() {
  const path = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`no Chromium at ${path}; cargo xtask test installs it`);
  const launch = () =>
    chromium.launch({
      executablePath: path,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
  // Chromium itself crashes while it starts now and then, before it has seen anything of ours.
  return launch().catch(launch);
}

/** A page whose console is watched. `page.faults` holds what went wrong; `expectNoFaults` reads it. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return watchConsole(await context.newPage());
}

/** Notes what goes wrong on a page from here on. */
export function watchConsole(page) {
  page.faults = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.faults.push(message.text());
  });
  page.on("pageerror", (error) => page.faults.push(`uncaught: ${error.message}`));
  page.setDefaultTimeout(15_000);
  return page;
}

/** Fails on anything the console complained about since the last look, but for what `allowed` matches. */
export function expectNoFaults(page, allowed) {
  const faults = page.faults.splice(0).filter((fault) => !allowed?.test(fault));
  if (faults.length > 0) throw new Error(`the console complained:\n${faults.join("\n")}`);
}

/** Fails when axe finds a serious or critical violation on the page as it stands. */
export async function expectAccessible(page, where) {
  // Fading panels have the wrong contrast half-way; their end is what people read.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY).map((a) => a.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  if (serious.length > 0) {
    const lines = serious.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).slice(0, 4).join("\n  ")}`);
    throw new Error(`${where} has accessibility violations:\n${lines.join("\n")}`);
  }
}

/** Creates the owner through the one-time link and lands in the workspace. */
export async function setUp(page, server) {
  await page.goto(await server.setupLink());
  await page.getByRole("textbox", { name: "E-mail" }).fill(owner.email);
  await page.getByRole("textbox", { name: "Password" }).fill(owner.password);
  await page.getByRole("button", { name: "Create the account" }).click();
  await page.waitForURL("**/workflows");
}

/** Calls the API as the signed-in page does. */
export async function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const session = await (await fetch("/api/v1/session")).json();
      const headers = { "content-type": "application/json", "x-trunkline-csrf": session.csrf ?? "" };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    [method, path, body],
  );
}

/**
 * Tests that go on from one another: after one fails the others are skipped, because what they say would mislead.
 * With TRUNKLINE_SHOTS=DIR the page is photographed where a test failed.
 */
export function chain(page, options = {}) {
  let broken = false;
  return (name, body) =>
    test(name, options, async (context) => {
      if (broken) return context.skip("a test before it failed");
      broken = true;
      try {
        await body(context);
      } catch (error) {
        const folder = process.env.TRUNKLINE_SHOTS;
        if (folder) await page().screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, "-")}.png`) });
        throw error;
      }
      broken = false;
    });
}
