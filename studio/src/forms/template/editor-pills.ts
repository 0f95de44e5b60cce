/**
 * Shows `{{ }}` holes of a text editor as pills. The editor's text stays the template itself, so that what is saved
 * is exactly what is there; a pill is a decoration over its hole that the cursor steps over as one character.
 */
import {
  type EditorState,
  type Extension,
  Facet,
  RangeSet,
  StateEffect,
  StateField,
} from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { createElement } from "react";
import type { AvailableData } from "../data/available";
import { parseTemplate } from "./parse";
import { pillInWords, pillOfHole } from "./pill";
import { FormulaChip, PillChip } from "./pill-chip";
import { staticDom } from "./static-dom";

/** Tells the editor which data exists, so that pills can be named. */
export const setAvailable = StateEffect.define<readonly AvailableData[]>();

/** The data that exists, as last told. */
export const availableField = StateField.define<readonly AvailableData[]>({
  create: () => [],
  update: (value, transaction) =>
    transaction.effects.reduce((now, effect) => (effect.is(setAvailable) ? effect.value : now), value),
});

/** A pill with its place in the text. */
export interface PlacedHole {
  readonly from: number;
  readonly to: number;
  readonly inner: string;
}

/** Whether pills show the last part of their name only. */
export const shortPills = Facet.define<boolean, boolean>({ combine: (values) => values[0] ?? false });

class HoleWidget extends WidgetType {
  constructor(
    private readonly inner: string,
    private readonly available: readonly AvailableData[],
    private readonly selected: boolean,
    private readonly short: boolean,
  ) {
    super();
  }

  private words(): string {
    const pill = pillOfHole(this.inner, this.available);
    return pill ? pillInWords(pill) : this.inner;
  }

  override eq(other: HoleWidget): boolean {
    return this.inner === other.inner && this.selected === other.selected && this.words() === other.words();
  }

  override toDOM(): HTMLElement {
    const pill = pillOfHole(this.inner, this.available);
    const chip = pill
      ? createElement(PillChip, {
          pill,
          selected: this.selected,
          short: this.short,
        })
      : createElement(FormulaChip, { inner: this.inner, selected: this.selected });
    const wrap = document.createElement("span");
    wrap.className = "inline-flex h-[22px] max-w-full cursor-default items-center px-px align-top";
    wrap.dataset.hole = this.inner;
    wrap.append(staticDom(chip));
    return wrap;
  }

  override ignoreEvent(): boolean {
    return false;
  }
}

interface Pills {
  readonly holes: readonly PlacedHole[];
  readonly decorations: DecorationSet;
}

function pillsOf(state: EditorState): Pills {
  const available = state.field(availableField);
  const short = state.facet(shortPills);
  const { from, to } = state.selection.main;
  const holes = parseTemplate(state.doc.toString()).flatMap((segment): PlacedHole[] =>
    segment.type === "hole" ? [{ from: segment.from, to: segment.to, inner: segment.inner }] : [],
  );
  const ranges = holes.map((hole) => {
    const selected = from !== to && from <= hole.from && hole.to <= to;
    const widget = new HoleWidget(hole.inner, available, selected, short);
    return Decoration.replace({ widget, inclusive: false }).range(hole.from, hole.to);
  });
  return { holes, decorations: RangeSet.of(ranges) };
}

const pillsField = StateField.define<Pills>({
  create: pillsOf,
  update: (value, transaction) => {
    const renamed = transaction.effects.some((effect) => effect.is(setAvailable));
    return transaction.docChanged || transaction.selection || renamed ? pillsOf(transaction.state) : value;
  },
  provide: (field) => [
    EditorView.decorations.from(field, (pills) => pills.decorations),
    EditorView.atomicRanges.of((view) => view.state.field(field).decorations),
  ],
});

/** The hole that contains or touches a position; the one before the cursor wins. */
export function holeAt(state: EditorState, position: number): PlacedHole | undefined {
  const { holes } = state.field(pillsField);
  return (
    holes.find((hole) => hole.to === position) ??
    holes.find((hole) => hole.from <= position && position < hole.to)
  );
}

/** The hole the keyboard means: the one selected, else the one beside the cursor. */
export function holeAtSelection(state: EditorState): PlacedHole | undefined {
  const { from, to } = state.selection.main;
  if (from === to) return holeAt(state, from);
  return state.field(pillsField).holes.find((hole) => hole.from === from && hole.to === to);
}

/** The hole drawn by the element under the pointer. */
export function holeOfElement(view: EditorView, target: EventTarget | null): PlacedHole | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-hole]") : null;
  if (!element || !view.contentDOM.contains(element)) return undefined;
  const at = view.posAtDOM(element);
  return view.state.field(pillsField).holes.find((hole) => hole.from <= at && at <= hole.to);
}

/** Everything the editor needs to show pills. */
export const pillExtensions: Extension = [availableField, pillsField];
