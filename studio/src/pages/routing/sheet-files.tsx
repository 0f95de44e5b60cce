import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ReadTable, type RoutingTable, routing } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Menu, toast } from "@/ui";
import { fromBase64, toBase64 } from "./base64";

interface SheetFilesProps {
  table: RoutingTable;
  name: string;
  onRead: (table: RoutingTable) => void;
}

/** The table as a file for a spreadsheet, both ways. */
export function SheetFiles({ table, name, onRead }: SheetFilesProps) {
  const [found, setFound] = useState<ReadTable | null>(null);
  const write = useMutation({
    mutationFn: async (format: "csv" | "xlsx") => ({ format, file: await routing.toSheet(table, format) }),
    onSuccess: ({ format, file }) => save(`${name}.${format}`, fromBase64(file.base64), file.media_type),
    onError: sayError("The file was not made"),
  });
  const take = (read: ReadTable) => {
    onRead(read.table);
    setFound(null);
    toast({
      tone: "ok",
      title: `${read.rows} rows are in the draft`,
      description: "Nothing is in force yet.",
    });
  };
  const read = useMutation({
    mutationFn: async (file: File) => routing.fromSheet(toBase64(await file.arrayBuffer()), table),
    onSuccess: (answer) =>
      answer.problems.length > 0 || answer.rows === 0 ? setFound(answer) : take(answer),
    onError: sayError("The file was not read"),
  });
  return (
    <>
      <Menu
        align="end"
        trigger={
          <Button icon="download" busy={write.isPending}>
            Download
          </Button>
        }
        entries={[
          { label: "Excel workbook", icon: "grid", onSelect: () => write.mutate("xlsx") },
          { label: "CSV", icon: "list", onSelect: () => write.mutate("csv") },
        ]}
      />
      <Button icon="upload" busy={read.isPending} onClick={() => choose(read.mutate)}>
        Upload
      </Button>
      {found ? <Problems read={found} onTake={() => take(found)} onClose={() => setFound(null)} /> : null}
    </>
  );
}

interface ProblemsProps {
  read: ReadTable;
  onTake: () => void;
  onClose: () => void;
}

/** What is wrong with the lines of a file, before any of it is taken. */
function Problems({ read, onTake, onClose }: ProblemsProps) {
  const out = read.problems.filter((problem) => problem.left_out).length;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title={read.rows === 0 ? "No row can be used" : "Some lines need a look"}
      description={
        read.rows === 0
          ? "Nothing was changed. Mend the file and upload it again."
          : `${read.rows} rows can be taken${out > 0 ? `, ${out} lines are left out` : ""}. Nothing was changed yet.`
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {read.rows > 0 ? (
            <Button variant="primary" onClick={onTake}>
              Take {read.rows} {read.rows === 1 ? "row" : "rows"}
            </Button>
          ) : null}
        </>
      }
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="text-left text-xs text-muted">
            <th scope="col" className="w-16 py-1 font-medium">
              Line
            </th>
            <th scope="col" className="py-1 font-medium">
              What is wrong
            </th>
            <th scope="col" className="w-32 py-1 font-medium">
              The line is
            </th>
          </tr>
        </thead>
        <tbody>
          {read.problems.slice(0, 200).map((problem, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line may have two problems that read the same
            <tr key={place} className="border-t border-border align-top">
              <td className="py-1 tabular">{problem.line}</td>
              <td className="py-1 pr-3">{problem.message}</td>
              <td className={problem.left_out ? "py-1 text-bad" : "py-1 text-warn"}>
                {problem.left_out ? "left out" : "taken, to mend"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {read.problems.length > 200 ? (
        <p className="mt-2 text-muted">and {read.problems.length - 200} more.</p>
      ) : null}
      {read.notes.map((note) => (
        <p key={note} className="mt-2 text-muted">
          {note}
        </p>
      ))}
    </Dialog>
  );
}

function choose(onFile: (file: File) => void) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".csv,.tsv,.xlsx,text/csv";
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) onFile(file);
  };
  input.click();
}

function save(name: string, bytes: Uint8Array<ArrayBuffer>, type: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
