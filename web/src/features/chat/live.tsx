import { useMutation } from "@tanstack/react-query";
import { type JSX, useLayoutEffect } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { Button } from "@/ui/button";
import { Icon } from "@/ui/icons";
import { useToast } from "@/ui/toast";

import { liveAnswers } from "./live-answers";
import { t } from "./texts/answers";
import type { TurnView } from "./turn";

/** The time since the answer began, and the way to end it: the button, or Escape. */
export function Live({ turn }: { turn: TurnView }): JSX.Element {
  const clients = useClients();
  const toast = useToast();
  const words = turn.answer.split(/\s+/u).filter((word) => word !== "").length;
  const stop = useMutation({
    mutationFn: () => liveAnswers(clients).stop(turn.generationId),
    onError: (error) => toast.show({ message: t.notStopped(messageOf(error)) }),
  });
  const { mutate, isPending } = stop;
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
      if (event.key === "Escape" && !inDialog && !isPending) mutate();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [mutate, isPending]);
  return (
    <div className="live">
      <span>
        {turn.model !== "" && <span className="wide-only">{turn.model}, </span>}
        <span className="num">{t.writing(words, turn.citations.length)}</span>
      </span>
      <Button busy={isPending} onClick={() => mutate()}>
        <Icon name="stop" size={14} />
        {t.stop} <kbd className="wide-only">Esc</kbd>
      </Button>
    </div>
  );
}
