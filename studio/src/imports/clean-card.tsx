import type { Cleaning, ImportSettings, RowFlag, RowRule } from "@/api";
import { Card, Checkbox, Field, Input, Select } from "@/ui";

const FLAGS: { flag: RowFlag; label: string }[] = [
  { flag: "bad_email", label: "The e-mail address cannot be one" },
  { flag: "typo_domain", label: "The e-mail domain looks mistyped (gmial.com)" },
  { flag: "free_mailbox", label: "The mailbox is free, such as Gmail" },
  { flag: "role_mailbox", label: "The mailbox is of a task, such as info@" },
  { flag: "bad_phone", label: "The telephone number cannot be one" },
  { flag: "unknown_country", label: "The country is not known" },
];

interface Props {
  settings: ImportSettings;
  onSettings: (settings: ImportSettings) => void;
}

/** What is cleaned, and which rows are left out. */
export function CleanCard({ settings, onSettings }: Props) {
  const cleaning = settings.cleaning;
  const clean = (change: Partial<Cleaning>) =>
    onSettings({ ...settings, cleaning: { ...cleaning, ...change } });
  const rules = (next: RowRule[]) => onSettings({ ...settings, rules: next });
  const fields = settings.columns.map((use) => use.field).filter(Boolean);
  const refuses = (flag: RowFlag) =>
    settings.rules.some((rule) => rule.rule === "refuse" && rule.flag === flag);
  const requires = (field: string) =>
    settings.rules.some((rule) => rule.rule === "required" && rule.field === field);
  const forms = { leave: "Leave as they are", code: "As codes (DE, CA)", name: "As names (Germany)" };
  return (
    <Card title="Clean and check" subtitle="Every change is shown in the preview with its reason">
      <div className="grid gap-x-8 gap-y-4 lg:grid-cols-2">
        <fieldset className="flex flex-col gap-2.5">
          <legend className="mb-2 font-medium">Clean</legend>
          <Checkbox
            checked={cleaning.text}
            onCheckedChange={(text) => clean({ text })}
            label="Tidy text"
            help="Spaces, invisible characters, and letters from a wrong encoding (JosÃ© becomes José)."
          />
          <Checkbox
            checked={cleaning.placeholders}
            onCheckedChange={(placeholders) => clean({ placeholders })}
            label="Placeholders count as missing"
            help="Such as Select, n/a, -, none, unknown and test."
          />
          <Checkbox
            checked={cleaning.names}
            onCheckedChange={(names) => clean({ names })}
            label="Capitals of names and cities"
            help="MCDONALD becomes McDonald; mixed capitals stay."
          />
          <Checkbox
            checked={cleaning.emails}
            onCheckedChange={(emails) => clean({ emails })}
            label="E-mail addresses in one form"
          />
          <Checkbox
            checked={cleaning.phones}
            onCheckedChange={(phones) => clean({ phones })}
            label="Telephone numbers in international form"
          />
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Default country" help="Two letters, for numbers and states without a country.">
              {(control) => (
                <Input
                  {...control}
                  value={cleaning.default_country ?? ""}
                  maxLength={2}
                  placeholder="US"
                  onChange={(event) => clean({ default_country: event.target.value.toUpperCase() || null })}
                />
              )}
            </Field>
            <Field label="Company names">
              {(control) => (
                <Select
                  {...control}
                  value={cleaning.companies}
                  onValueChange={(value) => clean({ companies: value as Cleaning["companies"] })}
                  options={[
                    { value: "leave", label: "Leave as they are" },
                    { value: "tidy", label: "Write Inc., GmbH alike" },
                    { value: "remove", label: "Without Inc., GmbH" },
                  ]}
                />
              )}
            </Field>
            <Field label="Countries">
              {(control) => (
                <Select
                  {...control}
                  value={cleaning.countries}
                  onValueChange={(value) => clean({ countries: value as Cleaning["countries"] })}
                  options={Object.entries(forms).map(([value, label]) => ({ value, label }))}
                />
              )}
            </Field>
            <Field label="In dates such as 03/05/2026">
              {(control) => (
                <Select
                  {...control}
                  value={cleaning.date_order}
                  onValueChange={(value) => clean({ date_order: value as Cleaning["date_order"] })}
                  options={[
                    { value: "auto", label: "Read only clear dates" },
                    { value: "day", label: "The day comes first" },
                    { value: "month", label: "The month comes first" },
                  ]}
                />
              )}
            </Field>
          </div>
        </fieldset>
        <div className="flex flex-col gap-4">
          <fieldset className="flex flex-col gap-2.5">
            <legend className="mb-2 font-medium">Leave a row out when</legend>
            {FLAGS.map(({ flag, label }) => (
              <Checkbox
                key={flag}
                checked={refuses(flag)}
                onCheckedChange={(on) =>
                  rules(
                    on
                      ? [...settings.rules, { rule: "refuse", flag }]
                      : settings.rules.filter((rule) => rule.rule !== "refuse" || rule.flag !== flag),
                  )
                }
                label={label}
              />
            ))}
          </fieldset>
          <fieldset className="flex flex-col gap-2.5">
            <legend className="mb-2 font-medium">These have to be filled</legend>
            <div className="flex flex-wrap gap-x-5 gap-y-2">
              {fields.map((field) => (
                <Checkbox
                  key={field}
                  checked={requires(field)}
                  onCheckedChange={(on) =>
                    rules(
                      on
                        ? [...settings.rules, { rule: "required", field }]
                        : settings.rules.filter((rule) => rule.rule !== "required" || rule.field !== field),
                    )
                  }
                  label={field}
                />
              ))}
            </div>
          </fieldset>
        </div>
      </div>
    </Card>
  );
}
