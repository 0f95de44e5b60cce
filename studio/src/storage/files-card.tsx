import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type StoredFile, storageApi, storageKeys, useFiles } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Card, ConfirmDialog, IconButton, Loading, Skeleton } from "@/ui";
import { bytesInWords } from "./bytes";

/** Files that were uploaded for loops to work through. They stay until somebody removes them. */
export function FilesCard() {
  const files = useFiles();
  const client = useQueryClient();
  const [removing, setRemoving] = useState<StoredFile | null>(null);
  const remove = async (file: StoredFile) => {
    try {
      await storageApi.removeFile(file.id);
      await client.invalidateQueries({ queryKey: storageKeys.files });
      void client.invalidateQueries({ queryKey: storageKeys.storage });
    } catch (error) {
      sayError(`“${file.name}” was not removed`)(error);
      throw error;
    }
  };
  return (
    <Card title="Uploaded files" id="files">
      {files.isPending ? (
        <Loading label="Loading the files">
          <Skeleton className="h-10 w-full" />
        </Loading>
      ) : files.isError ? (
        <QueryError error={files.error} onRetry={() => void files.refetch()} />
      ) : files.data.items.length === 0 ? (
        <p className="text-muted">
          None yet. A loop over “An uploaded file” takes a CSV of any length, row by row; upload it where the
          loop is set up.
        </p>
      ) : (
        <ul className="divide-y divide-border">
          {files.data.items.map((file) => (
            <li key={file.id} className="flex items-center gap-3 py-2 first:pt-0 last:pb-0">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{file.name}</p>
                <p className="text-sm text-muted">
                  {bytesInWords(file.bytes)}, uploaded <Moment at={file.created_at} />
                </p>
              </div>
              <IconButton icon="trash" label={`Remove ${file.name}`} onClick={() => setRemoving(file)} />
            </li>
          ))}
        </ul>
      )}
      {removing ? (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setRemoving(null)}
          title={`Remove “${removing.name}”?`}
          description="Loops that are set up with this file fail until they get another. Runs that read it before keep what they wrote."
          confirmLabel="Remove the file"
          danger
          onConfirm={() => remove(removing)}
        />
      ) : null}
    </Card>
  );
}
