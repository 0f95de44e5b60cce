/**
 * Draws a React element without state as plain DOM, at once.
 *
 * The text editor asks for a pill's DOM in the middle of its own update, where React cannot render. Only function
 * components without hooks, host elements and text may occur in what is drawn here.
 */
import { isValidElement, type ReactNode } from "react";

const SVG = "http://www.w3.org/2000/svg";
const ATTRIBUTE: Readonly<Record<string, string>> = {
  className: "class",
  strokeWidth: "stroke-width",
  strokeLinecap: "stroke-linecap",
  strokeLinejoin: "stroke-linejoin",
};

/** The node for `content`; fragments and lists become a document fragment. */
export function staticDom(content: ReactNode): Node {
  if (typeof content === "string" || typeof content === "number")
    return document.createTextNode(String(content));
  if (Array.isArray(content)) return fragmentOf(content);
  if (!isValidElement<Record<string, unknown>>(content)) return document.createDocumentFragment();
  const { type, props } = content;
  if (typeof type === "function") {
    return staticDom((type as (props: Record<string, unknown>) => ReactNode)(props));
  }
  if (typeof type !== "string") return fragmentOf([props.children as ReactNode]);
  const element =
    type === "svg" || type === "path" ? document.createElementNS(SVG, type) : document.createElement(type);
  for (const [name, value] of Object.entries(props)) setAttribute(element, name, value);
  element.append(fragmentOf([props.children as ReactNode]));
  return element;
}

function fragmentOf(children: readonly ReactNode[]): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const child of children) fragment.append(staticDom(child));
  return fragment;
}

function setAttribute(element: Element, name: string, value: unknown): void {
  if (name === "children" || value === undefined || value === null) return;
  if (value === false && !name.startsWith("aria-")) return;
  if (name === "style" && typeof value === "object") {
    Object.assign((element as HTMLElement).style, value);
    return;
  }
  element.setAttribute(
    ATTRIBUTE[name] ?? name,
    value === true && !name.startsWith("aria-") ? "" : String(value),
  );
}
