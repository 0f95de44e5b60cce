import type { ComponentType } from "react";
import type { WidgetName } from "../schema/read";
import { AppChoiceWidget } from "./app-choice";
import { AppFieldsWidget } from "./app-fields";
import { CasesWidget } from "./cases";
import { ConditionWidget } from "./condition";
import { ConnectionWidget } from "./connection";
import { CronWidget } from "./cron";
import { DurationWidget } from "./duration";
import { FieldListWidget } from "./field-list";
import { FileWidget } from "./file";
import { JsonCodeWidget } from "./json-code";
import { LeadWidget } from "./lead";
import { MatchOnWidget } from "./match-on";
import { FieldsWidget, HeadersWidget } from "./pairs";
import { ListWidget, PoolWidget, StageWidget, TableWidget, WorkflowWidget } from "./pickers";
import { PortsWidget } from "./ports";
import { ScoringModelWidget, SegmentWidget } from "./rule-pickers";
import { RulesWidget } from "./rules";
import {
  ChoicesWidget,
  ChoiceWidget,
  ExpressionWidget,
  NumberWidget,
  SecretWidget,
  SwitchWidget,
  TemplateWidget,
  TextWidget,
  TimezoneWidget,
} from "./simple";
import { ObjectWidget, RowsWidget, TextsWidget, VariantsWidget } from "./structures";
import type { WidgetProps } from "./widget";

/** Which component draws which widget. */
export const WIDGETS: Readonly<Record<WidgetName, ComponentType<WidgetProps>>> = {
  template: TemplateWidget,
  template_long: TemplateWidget,
  expression: ExpressionWidget,
  lead: LeadWidget,
  condition: ConditionWidget,
  rules: RulesWidget,
  cases: CasesWidget,
  fields: FieldsWidget,
  headers: HeadersWidget,
  field_list: FieldListWidget,
  cron: CronWidget,
  duration: DurationWidget,
  pool: PoolWidget,
  stage: StageWidget,
  segment: SegmentWidget,
  scoring_model: ScoringModelWidget,
  list: ListWidget,
  table: TableWidget,
  workflow: WorkflowWidget,
  connection: ConnectionWidget,
  app_choice: AppChoiceWidget,
  app_fields: AppFieldsWidget,
  secret: SecretWidget,
  code_json: JsonCodeWidget,
  match_on: MatchOnWidget,
  file: FileWidget,
  options: PortsWidget,
  choice: ChoiceWidget,
  choices: ChoicesWidget,
  switch: SwitchWidget,
  timezone: TimezoneWidget,
  number: NumberWidget,
  text: TextWidget,
  texts: TextsWidget,
  object: ObjectWidget,
  rows: RowsWidget,
  variants: VariantsWidget,
};

/** Widgets made of several controls: their title names a group instead of one box. */
export const GROUPED: ReadonlySet<WidgetName> = new Set<WidgetName>([
  "condition",
  "rules",
  "cases",
  "fields",
  "headers",
  "field_list",
  "app_fields",
  "match_on",
  "options",
  "choices",
  "texts",
  "object",
  "rows",
  "variants",
  "code_json",
  "app_fields",
]);
