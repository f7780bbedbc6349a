import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/note";
import { SkeletonText } from "@/ui/skeleton";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { t } from "./texts/record";

const SHOWN_BYTES = 200_000;

function download(path: string, content: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([content]));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = path.split("/").at(-1) ?? "record.md";
  anchor.click();
  URL.revokeObjectURL(url);
}

interface SourceDialogProps {
  decisionId: string;
  version: number;
  onClose: () => void;
}

/** The file a version came from, byte for byte. */
export function SourceDialog({ decisionId, version, onClose }: SourceDialogProps): JSX.Element {
  const clients = useClients();
  const source = useQuery({
    queryKey: ["decisions", "source", decisionId, version],
    queryFn: ({ signal }) => clients(DecisionsService).getSource({ decisionId, version }, { signal }),
  });
  const content = source.data?.content;
  const path = source.data?.path ?? "";
  return (
    <Dialog
      title={path === "" ? t.sourceFile : path}
      onClose={onClose}
      footer={
        content && (
          <>
            <Button look="primary" onClick={() => download(path, new Uint8Array(content))}>
              {t.download}
            </Button>
            <span className="sub sm self-center num">{t.bytes(content.length)}</span>
          </>
        )
      }
    >
      {source.isPending && <SkeletonText />}
      {source.isError && <Failure title={t.fileNotRead} error={source.error} />}
      {content && (
        <pre className="overflow-auto font-mono text-12/[1.6] whitespace-pre-wrap break-words">
          {new TextDecoder().decode(content.subarray(0, SHOWN_BYTES))}
          {content.length > SHOWN_BYTES && `\n${t.restInDownload}`}
        </pre>
      )}
    </Dialog>
  );
}
