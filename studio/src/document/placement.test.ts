import { describe, expect, it } from "vitest";
import { CARD, freePlace, placeBelow, placeGroup, placeOnEdge } from "./placement";
import { LEADS } from "./testing/kinds";
import type { Point } from "./types";

const layout = LEADS.layout ?? {};
const apart = (a: Point, b: Point) => Math.abs(a.x - b.x) >= CARD.width || Math.abs(a.y - b.y) >= CARD.height;
const free = (place: Point) => Object.values(layout).every((other) => apart(place, other));

describe("placement", () => {
  it("puts a step below the one it hangs on", () => {
    const place = placeBelow(LEADS, layout, "route", false);
    expect(place.x).toBe(layout.route?.x);
    expect(place.y).toBeGreaterThan(layout.route?.y ?? 0);
    expect(free(place)).toBe(true);
  });

  it("puts a further branch beside the ones there are", () => {
    const place = placeBelow(LEADS, layout, "warm", true);
    expect(place.x).toBeGreaterThan(layout.wait?.x ?? 0);
    expect(free(place)).toBe(true);
  });

  it("makes room on an edge for all that follows", () => {
    const { at, moved } = placeOnEdge(LEADS, layout, { from: "score", to: "warm" });
    expect(at).toEqual({ x: 0, y: 208 });
    expect(Object.keys(moved).sort()).toEqual(["route", "wait", "warm"]);
    expect(moved.warm?.y).toBe(312);
  });

  it("moves nothing where there is room", () => {
    const wide = { ...layout, wait: { x: 128, y: 900 } };
    expect(placeOnEdge(LEADS, wide, { from: "warm", port: "no", to: "wait" }).moved).toEqual({});
  });

  it("finds a place for a lone step and keeps off the others", () => {
    expect(freePlace({ steps: {}, edges: [] }, {}, null)).toEqual({ x: 0, y: 0 });
    expect(free(freePlace(LEADS, layout, { x: 10, y: 110 }))).toBe(true);
    expect(free(freePlace(LEADS, layout, null))).toBe(true);
  });

  it("keeps a pasted group together and off the others", () => {
    const group = placeGroup({ a: { x: 0, y: 0 }, b: { x: 0, y: 104 } }, Object.values(layout), {
      x: 0,
      y: 0,
    });
    expect((group.b?.y ?? 0) - (group.a?.y ?? 0)).toBe(104);
    expect(Object.values(group).every(free)).toBe(true);
  });
});
