// Fails when what a browser must load before the first page exceeds the budget.
// First load = the entry with its static imports and styles, plus the largest single page other than the editor
// and the run view, which are loaded when opened. Fonts arrive later and are not counted.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 250;
const DIST = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** A chunk with everything it imports statically. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

function filesOf(keys) {
  return new Set([...keys].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]));
}

function kilobytes(files) {
  let bytes = 0;
  for (const file of files) bytes += gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length;
  return bytes / 1024;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
if (!entry) throw new Error("dist/.vite/manifest.json names no entry; run the build first");
const shell = closure(entry);
const LAZY_ON_PURPOSE = /build-page|run-view-page/;
const pages = (manifest[entry].dynamicImports ?? []).map((key) => ({
  key,
  total: kilobytes(filesOf(new Set([...shell, ...closure(key)]))),
}));
pages.sort((a, b) => b.total - a.total);

const shellSize = kilobytes(filesOf(shell));
console.log(`shell alone: ${shellSize.toFixed(1)} KB gzipped`);
for (const page of pages) console.log(`with ${page.key}: ${page.total.toFixed(1)} KB`);
const first = Math.max(
  shellSize,
  ...pages.filter((page) => !LAZY_ON_PURPOSE.test(page.key)).map((page) => page.total),
);
console.log(`first load, at worst: ${first.toFixed(1)} KB of ${BUDGET_KB} KB`);
if (first > BUDGET_KB) {
  console.error("The first load is over its budget: move something behind a lazy import.");
  process.exitCode = 1;
}
