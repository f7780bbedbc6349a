import { type JSX, useState } from "react";

import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";

import { t } from "../texts/life";

interface ReasonDialogProps {
  title: string;
  action: string;
  onClose: () => void;
  onDone: (reason: string) => void;
}

/** Asks why; the answer stands in the history and may be left out. */
export function ReasonDialog({ title, action, onClose, onDone }: ReasonDialogProps): JSX.Element {
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={() => onDone(reason.trim())}>
            {action}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <Field label={t.why} hint={t.whyHint}>
        {(control) => (
          <textarea
            {...control}
            className="inp"
            rows={3}
            maxLength={2_000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
