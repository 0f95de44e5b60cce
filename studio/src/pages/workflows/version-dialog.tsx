import { lazy, Suspense, useState } from "react";
import { useVersion, whenServed } from "@/api";
import { QueryError } from "@/app/query-error";
import { Button, CopyButton, Dialog, JsonView, Loading, Skeleton, Tabs } from "@/ui";
import { saveFile } from "./save-file";
import { slug } from "./workflow-actions";

const VersionDrawing = lazy(() => whenServed(() => import("./version-drawing")));

interface VersionDialogProps {
  id: string;
  /** Of the workflow. */
  name: string;
  /** The version looked at; null for none. */
  version: number | null;
  onClose: () => void;
}

/** One published version: drawn, and as the document to copy or download. */
export function VersionDialog({ id, name, version, onClose }: VersionDialogProps) {
  const read = useVersion(id, version);
  const [side, setSide] = useState("drawing");
  const json = () => `${JSON.stringify(read.data?.document, null, 2)}\n`;
  const label = `Version ${version} of ${name}`;
  return (
    <Dialog
      open={version !== null}
      onOpenChange={(open) => !open && onClose()}
      width="full"
      title={label}
      description="Exactly as it was published. Choose a step to see how it was set up."
      footer={
        read.data ? (
          <>
            <CopyButton text={json} label="Copy JSON" size="medium" />
            <Button
              icon="download"
              onClick={() => saveFile(`${slug(name)}-v${version}.json`, json(), "application/json")}
            >
              Download
            </Button>
          </>
        ) : undefined
      }
    >
      {read.isError ? (
        <QueryError error={read.error} onRetry={() => void read.refetch()} />
      ) : read.data ? (
        <Tabs
          label="How to look at it"
          value={side}
          onValueChange={setSide}
          className="h-[68vh]"
          items={[
            {
              value: "drawing",
              label: "Drawing",
              content: (
                <Suspense fallback={<VersionLoading />}>
                  <VersionDrawing workflow={id} document={read.data.document} label={label} />
                </Suspense>
              ),
            },
            {
              value: "json",
              label: "JSON",
              content: (
                <div className="h-full overflow-auto">
                  <JsonView value={read.data.document} label={label} openLevels={3} />
                </div>
              ),
            },
          ]}
        />
      ) : (
        <VersionLoading />
      )}
    </Dialog>
  );
}

function VersionLoading() {
  return (
    <Loading label="Loading the version">
      <Skeleton className="h-[64vh] w-full rounded-lg" />
    </Loading>
  );
}
