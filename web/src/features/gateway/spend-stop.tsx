import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { SpendingService } from "@/api/gen/cairn/gateway/v1/spending_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { Failure } from "@/ui/note";

import { t } from "./texts/spending";

const HOURS_MOST = 744;

/** Stops every call of the organisation, or lets them through for some hours; with the reason that stays on record. */
export function StopDialog({ resume, onClose }: { resume: boolean; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const [hours, setHours] = useState("24");
  const [tried, setTried] = useState(false);
  const hoursWrong = !/^\d+$/u.test(hours) || Number(hours) < 1 || Number(hours) > HOURS_MOST;
  const act = useMutation({
    mutationFn: async () => {
      if (resume) await clients(SpendingService).resumeCalls({ hours: Number(hours), reason });
      else await clients(SpendingService).stopCalls({ reason });
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["spending"] });
      onClose();
    },
  });
  return (
    <Dialog
      title={resume ? t.resumeTitle : t.stopTitle}
      onClose={onClose}
      footer={
        <>
          <Button
            look={resume ? "primary" : "danger"}
            busy={act.isPending}
            onClick={() => {
              setTried(true);
              if (reason.trim() !== "" && !(resume && hoursWrong)) act.mutate();
            }}
          >
            {resume ? t.resume : t.stop}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <form className="grid gap-4" onSubmit={(event) => event.preventDefault()}>
        {act.isError && <Failure title={resume ? t.notResumed : t.notStopped} error={act.error} />}
        <p>{resume ? t.resumeWhy : t.stopWhy}</p>
        {resume && (
          <TextField
            label={t.hours}
            inputMode="numeric"
            value={hours}
            error={hoursWrong ? t.hoursWrong : undefined}
            onChange={setHours}
          />
        )}
        <TextField
          label={t.reason}
          maxLength={400}
          value={reason}
          error={tried && reason.trim() === "" ? t.reasonMissing : undefined}
          onChange={setReason}
        />
      </form>
    </Dialog>
  );
}
