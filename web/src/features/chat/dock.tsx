import { useMutation, useQuery } from "@tanstack/react-query";
import { type JSX, useEffect, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { logsQuery } from "@/features/decisions/queries";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { useToast } from "@/ui/toast";
import { count } from "@/ui/time";

import { Composer } from "./composer";
import { liveAnswers } from "./live-answers";
import { modelsQuery } from "./models-query";
import type { TurnView } from "./turn";

const MODEL_KEY = "cairn.model";

export interface Scope {
  model: string;
  logIds: string[];
}

/** The model and the logs that the next question goes to; the model is remembered. */
export function useScope(): { scope: Scope; controls: JSX.Element } {
  const clients = useClients();
  const models = useQuery(modelsQuery(clients)).data?.models ?? [];
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const [chosen, setChosen] = useState(() => localStorage.getItem(MODEL_KEY) ?? "");
  const [logId, setLogId] = useState("");
  const fallback = models.find((one) => one.default)?.name ?? models[0]?.name ?? "";
  const model = models.some((one) => one.name === chosen) ? chosen : fallback;
  const controls = (
    <>
      <Pick
        label="Model"
        shown={model === "" ? "Model" : model}
        value={model}
        options={models.map((one) => ({
          value: one.name,
          label: one.extractsOnly ? `${one.name} (extracts, no language model)` : one.name,
        }))}
        onChange={(name) => {
          localStorage.setItem(MODEL_KEY, name);
          setChosen(name);
        }}
      />
      {logs.length > 1 && (
        <Pick
          label="Log"
          shown={logs.find((log) => log.id === logId)?.name ?? "Every log"}
          value={logId}
          options={[{ value: "", label: "Every log" }, ...logs.map((log) => ({ value: log.id, label: log.name }))]}
          onChange={setLogId}
        />
      )}
    </>
  );
  return { scope: { model, logIds: logId === "" ? [] : [logId] }, controls };
}

/** The time since the answer began, and the way to end it: the button, or Escape. */
function Live({ turn }: { turn: TurnView }): JSX.Element {
  const clients = useClients();
  const toast = useToast();
  const words = turn.answer.split(/\s+/u).filter((word) => word !== "").length;
  const stop = useMutation({
    mutationFn: () => liveAnswers(clients).stop(turn.generationId),
    onError: (error) => toast.show({ message: `The answer was not stopped. ${messageOf(error)}` }),
  });
  const { mutate, isPending } = stop;
  useEffect(() => {
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
        <span className="num">{count(words, "word")}</span> from {count(turn.citations.length, "source")}
      </span>
      <Button busy={isPending} onClick={() => mutate()}>
        <Icon name="stop" size={14} />
        Stop <kbd className="wide-only">Esc</kbd>
      </Button>
    </div>
  );
}

interface DockProps {
  running: TurnView | undefined;
  asking: boolean;
  followUp: boolean;
  onAsk: (question: string, scope: Scope) => void;
}

/** At the foot of the thread: what is being written, and the next question. */
export function Dock({ running, asking, followUp, onAsk }: DockProps): JSX.Element {
  const { scope, controls } = useScope();
  return (
    <div className={classes("dock", running && "streaming")}>
      <div>
        {running && running.generationId !== "" && <Live turn={running} />}
        <Composer
          placeholder={followUp ? "Ask a follow-up" : "Ask what was decided, and why"}
          busy={asking || running !== undefined}
          note={controls}
          onAsk={(question) => onAsk(question, scope)}
        />
      </div>
    </div>
  );
}
