/** A rule of a score as the document holds it, and how rules are told apart into groups. */
import { asCondition, type Condition, EMPTY_COMPARISON } from "../condition/model";
import { recordOf, textOf } from "./widget";

/** A comparison (or a condition under `when`), its points, a label for the reasons and perhaps a group. */
export type Rule = Record<string, unknown>;

export const FRESH_RULE: Rule = { ...EMPTY_COMPARISON, op: "is_not_empty", points: 10 };

/** Rules may hold their comparison beside the points, or any condition under `when`. */
export function conditionOfRule(rule: Rule): Condition {
  return asCondition("when" in rule ? rule.when : rule);
}

/** The rule with another condition, kept where it was; a group of conditions always stands under `when`. */
export function withCondition(rule: Rule, condition: Condition): Rule {
  const { field: _f, op: _o, value: _v, when: _w, ...rest } = rule;
  return "when" in rule || !("field" in condition) ? { when: condition, ...rest } : { ...condition, ...rest };
}

/** An emptied text takes its key out: without a label the reason is the condition in words. */
export function withText(rule: Rule, key: "label" | "group", text: string): Rule {
  const { [key]: _, ...rest } = rule;
  return text === "" ? rest : { ...rest, [key]: text };
}

export function pointsOf(rule: Rule): number {
  return typeof rule.points === "number" ? rule.points : 0;
}

/** A run of rules under one heading. */
export interface RuleGroup {
  /** Empty for rules without a group. */
  readonly name: string;
  /** The most its rules can give together. */
  readonly most: number;
  /** Places of its rules in the whole list. */
  readonly places: readonly number[];
}

/** The rules by group, in the order the groups first appear; declared limits hold. */
export function groupsOfRules(rules: readonly Rule[], declared: unknown): RuleGroup[] {
  const limits = new Map(
    (Array.isArray(declared) ? declared : []).map((entry) => {
      const { name, most } = recordOf(entry);
      return [textOf(name), typeof most === "number" ? most : Number.POSITIVE_INFINITY] as const;
    }),
  );
  const names = [...new Set(rules.map((rule) => textOf(rule.group)))];
  return names.map((name) => {
    const places = rules.flatMap((rule, place) => (textOf(rule.group) === name ? [place] : []));
    const sum = places.reduce((total, place) => total + Math.max(0, pointsOf(rules[place] ?? {})), 0);
    return { name, most: Math.min(sum, limits.get(name) ?? Number.POSITIVE_INFINITY), places };
  });
}

/** Every group's name, declared or used. */
export function groupNames(rules: readonly Rule[], declared: unknown): string[] {
  const named = (Array.isArray(declared) ? declared : []).map((entry) => textOf(recordOf(entry).name));
  return [...new Set([...named, ...rules.map((rule) => textOf(rule.group))])].filter(Boolean);
}
