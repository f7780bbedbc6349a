import { useMutation, useQuery } from "@tanstack/react-query";
import { type JSX, useLayoutEffect, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { useToast } from "@/ui/toast";

import { Composer } from "./composer";
import { liveAnswers } from "./live-answers";
import { modelsQuery } from "./models-query";
import { ScopeControl } from "./scope";
import { t } from "./texts/answers";
import { t as conversations } from "./texts/conversations";
import { EVERYTHING, type TurnScope, type TurnView } from "./turn";

const MODEL_KEY = "cairn.model";

export interface Asking {
  model: string;
  scope: TurnScope;
}

/** The model and the scope of the next question; the model is remembered. */
export function useAsking(begun: TurnScope = EVERYTHING): { asking: Asking; controls: JSX.Element } {
  const clients = useClients();
  const models = useQuery(modelsQuery(clients)).data?.models ?? [];
  const [chosen, setChosen] = useState(() => localStorage.getItem(MODEL_KEY) ?? "");
  const [scope, setScope] = useState<TurnScope>(begun);
  const fallback = models.find((one) => one.default)?.name ?? models[0]?.name ?? "";
  const model = models.some((one) => one.name === chosen) ? chosen : fallback;
  const controls = (
    <>
      <Pick
        label={t.model}
        shown={model === "" ? t.model : model}
        value={model}
        options={models.map((one) => ({
          value: one.name,
          label: one.extractsOnly ? t.extractsOnly(one.name) : one.name,
        }))}
        onChange={(name) => {
          localStorage.setItem(MODEL_KEY, name);
          setChosen(name);
        }}
      />
      <ScopeControl scope={scope} onChange={setScope} />
    </>
  );
  return { asking: { model, scope }, controls };
}

/** The time since the answer began, and the way to end it: the button, or Escape. */
function Live({ turn }: { turn: TurnView }): JSX.Element {
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

interface DockProps {
  running: TurnView | undefined;
  asking: boolean;
  followUp: boolean;
  /** What the first question may rest on. */
  begun?: TurnScope;
  onAsk: (question: string, asking: Asking) => void;
}

/** At the foot of the thread: what is being written, and the next question. */
export function Dock({ running, asking, followUp, begun, onAsk }: DockProps): JSX.Element {
  const { asking: chosen, controls } = useAsking(begun);
  return (
    <div className={classes("dock", running && "streaming")}>
      <div>
        {running && running.generationId !== "" && <Live turn={running} />}
        <Composer
          placeholder={followUp ? t.followUp : t.first}
          action={conversations.ask}
          busy={asking || running !== undefined}
          note={controls}
          onAsk={(question) => onAsk(question, chosen)}
        />
      </div>
    </div>
  );
}
