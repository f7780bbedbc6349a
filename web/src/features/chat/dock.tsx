import { useQuery } from "@tanstack/react-query";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { lazyPart } from "@/text/lazy";
import { classes } from "@/ui/classes";
import { Pick } from "@/ui/field";

import { Composer } from "./composer";
import { modelsQuery } from "./models-query";
import { ScopeControl } from "./scope";
import { t } from "./texts/answers";
import { t as conversations } from "./texts/conversations";
import type { TurnView } from "./turn";
import { EVERYTHING, type TurnScope } from "./turn-scope";

const Live = lazyPart(async () => (await import("./live")).Live);

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
        {running && running.generationId !== "" && (
          <Suspense>
            <Live turn={running} />
          </Suspense>
        )}
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
