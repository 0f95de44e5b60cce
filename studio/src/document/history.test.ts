import { describe, expect, it } from "vitest";
import { moveSteps, placeSteps, renameStep, setConfig } from "./commands";
import { execute, JOIN_WITHIN, LONGEST_PAST, redo, startHistory, undo } from "./history";
import { LEADS } from "./testing/kinds";

const path: string[] = [];
const type = (seconds: number) => ({ path, id: "wait", config: { seconds }, ports: ["out"] });
const move = (x: number) => ({ positions: { hook: { x, y: 0 } } });

describe("history", () => {
  it("takes back and brings back", () => {
    const start = startHistory(LEADS);
    const moved = execute(start, moveSteps, move(9), 0);
    expect(moved.past.at(-1)?.words).toBe("Move step");
    const back = undo(moved);
    expect(back.document).toEqual(LEADS);
    expect(redo(back).document).toEqual(moved.document);
    expect(undo(start)).toBe(start);
    expect(redo(start)).toBe(start);
  });

  it("joins typing in a row into one entry", () => {
    let history = startHistory(LEADS);
    history = execute(history, setConfig, type(1), 0);
    history = execute(history, setConfig, type(12), 400);
    history = execute(history, setConfig, type(123), 800);
    expect(history.past).toHaveLength(1);
    expect(undo(history).document).toEqual(LEADS);
  });

  it("starts a new entry after a pause, for another step and after undo", () => {
    let history = execute(startHistory(LEADS), setConfig, type(1), 0);
    history = execute(history, setConfig, type(2), JOIN_WITHIN + 1);
    history = execute(history, renameStep, { path, id: "wait", title: "Pause" }, JOIN_WITHIN + 2);
    expect(history.past).toHaveLength(3);
    history = undo(undo(history));
    history = execute(history, setConfig, type(3), JOIN_WITHIN + 3);
    expect(history.past).toHaveLength(2);
    expect(history.future).toEqual([]);
  });

  it("does not remember what changed nothing or was nobody's doing", () => {
    const start = startHistory(LEADS);
    expect(execute(start, moveSteps, { positions: LEADS.layout ?? {} }, 0)).toBe(start);
    const placed = execute(start, placeSteps, move(4), 0);
    expect(placed.past).toEqual([]);
    expect(placed.document.layout?.hook).toEqual({ x: 4, y: 0 });
  });

  it("forgets the oldest", () => {
    let history = startHistory(LEADS);
    for (let x = 1; x <= LONGEST_PAST + 5; x += 1)
      history = execute(history, moveSteps, move(x), x * (JOIN_WITHIN + 1));
    expect(history.past).toHaveLength(LONGEST_PAST);
  });
});
