import { useState } from "react";
import { type LeadField, useOwnFields } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import {
  Button,
  Card,
  Cell,
  Chip,
  EmptyState,
  HeadCell,
  IconButton,
  Loading,
  Row,
  Skeleton,
  Table,
} from "@/ui";
import { FieldDialog } from "./field-dialog";
import { typeWords } from "./field-words";
import { RemoveField } from "./remove-field";

/** What a workspace keeps of its leads besides the fields that every lead has. */
export function FieldsPage() {
  const fields = useOwnFields();
  const [adding, setAdding] = useState(false);
  const [changing, setChanging] = useState<LeadField | null>(null);
  const [removing, setRemoving] = useState<LeadField | null>(null);
  const add = (
    <Button variant="primary" icon="plus" onClick={() => setAdding(true)}>
      New field
    </Button>
  );
  return (
    <Page title="Fields" section="rules" actions={fields.data?.length ? add : null}>
      <div className="mx-auto max-w-[980px]">
        {fields.isPending ? (
          <Loading label="Loading the fields">
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : fields.isError ? (
          <QueryError error={fields.error} onRetry={() => void fields.refetch()} />
        ) : fields.data.length === 0 ? (
          <Card>
            <EmptyState icon="list" title="No fields of your own yet" action={add}>
              Leads have names, addresses, company, source and consent anyway. Add what else you go by, such
              as a renewal date, a plan or a product line: typed, so that a wrong value is refused where it
              comes in. Rules, imports, columns of lists and workflows can use it at once.
            </EmptyState>
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Own fields">
              <thead>
                <tr>
                  <HeadCell>Field</HeadCell>
                  <HeadCell>Technical name</HeadCell>
                  <HeadCell>Holds</HeadCell>
                  <HeadCell className="w-20">
                    <span className="visually-hidden">Actions</span>
                  </HeadCell>
                </tr>
              </thead>
              <tbody>
                {fields.data.map((field) => (
                  <Row key={field.id}>
                    <Cell>
                      <p className="font-medium">{field.label}</p>
                      {field.help ? <p className="text-muted">{field.help}</p> : null}
                    </Cell>
                    <Cell className="font-mono text-xs">{field.name}</Cell>
                    <Cell>
                      <span className="flex flex-wrap items-center gap-1">
                        {typeWords(field.type)}
                        {field.options.slice(0, 6).map((option) => (
                          <Chip key={option}>{option}</Chip>
                        ))}
                        {field.options.length > 6 ? (
                          <span className="text-muted">and {field.options.length - 6} more</span>
                        ) : null}
                      </span>
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      <IconButton
                        icon="pencil"
                        label={`Change ${field.label}`}
                        onClick={() => setChanging(field)}
                      />
                      <IconButton
                        icon="trash"
                        label={`Remove ${field.label}`}
                        onClick={() => setRemoving(field)}
                      />
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </div>
      {adding ? <FieldDialog onClose={() => setAdding(false)} /> : null}
      {changing ? <FieldDialog field={changing} onClose={() => setChanging(null)} /> : null}
      {removing ? <RemoveField field={removing} onClose={() => setRemoving(null)} /> : null}
    </Page>
  );
}
