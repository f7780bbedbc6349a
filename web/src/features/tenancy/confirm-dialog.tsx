import type { UseMutationResult } from "@tanstack/react-query";
import type { JSX } from "react";

import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/note";

import { t } from "./texts/settings";

interface ConfirmProps {
  title: string;
  why: string;
  act: string;
  failed: string;
  work: UseMutationResult<unknown, Error, void>;
  onClose: () => void;
}

/** Asks before what cannot be taken back. */
export function ConfirmDialog({ title, why, act, failed, work, onClose }: ConfirmProps): JSX.Element {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button look="danger" busy={work.isPending} onClick={() => work.mutate()}>
            {act}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.keep}
          </Button>
        </>
      }
    >
      {work.isError && <Failure title={failed} error={work.error} />}
      <p>{why}</p>
    </Dialog>
  );
}
