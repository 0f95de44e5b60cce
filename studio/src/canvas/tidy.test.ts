import { describe, expect, it } from "vitest";
import { CARD } from "@/document/placement";
import { KINDS, LEADS } from "@/document/testing/kinds";
import type { Graph, Point } from "@/document/types";
import { spacedForRun } from "./run-spacing";
import { completedPositions, tidyPositions } from "./tidy";

const overlap = (a: Point, b: Point) => Math.abs(a.x - b.x) < CARD.width && Math.abs(a.y - b.y) < CARD.height;

function expectNoOverlap(places: Point[]) {
  places.forEach((place, index) => {
    for (const other of places.slice(index + 1)) expect(overlap(place, other)).toBe(false);
  });
}

describe("tidy", () => {
  it("reads top to bottom with branches in the order of their ports", () => {
    const { hook, score, warm, route, wait } = tidyPositions(LEADS, KINDS) as Record<string, Point>;
    const ys = [hook, score, warm, route].map((place) => place?.y ?? Number.NaN);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
    expect(route?.y).toBe(wait?.y);
    expect(route?.x ?? 0).toBeLessThan(wait?.x ?? 0);
  });

  it("keeps the order of ports whatever the order of edges", () => {
    const turned = {
      ...LEADS,
      edges: [...LEADS.edges].reverse(),
      steps: Object.fromEntries(Object.entries(LEADS.steps).reverse()),
    };
    const { route, wait } = tidyPositions(turned, KINDS);
    expect(route?.x ?? 0).toBeLessThan(wait?.x ?? 0);
  });

  it("never lays one card over another", () => {
    const ids = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const graph: Graph = {
      steps: Object.fromEntries(ids.map((id) => [id, { kind: "wait", title: id, config: {} }])),
      edges: ids.slice(1).map((to, index) => ({ from: `s${Math.floor(index / 3)}`, to })),
    };
    expectNoOverlap(Object.values(tidyPositions(graph, KINDS)));
  });

  it("leaves room for the words of a port that leads nowhere yet", () => {
    const graph: Graph = { steps: LEADS.steps, edges: LEADS.edges.filter(({ to }) => to !== "wait") };
    const { hook, score, warm, route } = tidyPositions(graph, KINDS) as Record<string, Point>;
    const plain = (score?.y ?? 0) - (hook?.y ?? 0);
    expect((route?.y ?? 0) - (warm?.y ?? 0)).toBeGreaterThan(plain);
  });

  it("gives a place to what has none and leaves the rest alone", () => {
    const known = { hook: { x: 400, y: 40 } };
    const places = completedPositions(LEADS, KINDS, known);
    expect(places.hook).toEqual(known.hook);
    expect(Object.keys(places)).toHaveLength(5);
    expectNoOverlap(Object.values(places));
    expect(completedPositions(LEADS, KINDS, places)).toBe(places);
  });
});

describe("spacing for a run", () => {
  it("stretches a tight drawing until the shortest edge shows", () => {
    const tight = { hook: { x: 0, y: 0 }, score: { x: 0, y: 80 }, warm: { x: 0, y: 300 } };
    const spaced = spacedForRun(LEADS, tight);
    expect((spaced.score?.y ?? 0) - (spaced.hook?.y ?? 0)).toBe(104);
    expect(spaced.warm?.x).toBe(0);
  });

  it("leaves a tidy one as it is", () => {
    const tidy = tidyPositions(LEADS, KINDS);
    expect(spacedForRun(LEADS, tidy)).toBe(tidy);
  });
});
