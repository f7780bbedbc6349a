import "./ask.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { useClients } from "@/api/clients";
import { buttonClass } from "@/ui/button";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonText } from "@/ui/skeleton";

import { pathOf } from "./branches";
import { ConversationMenu } from "./conversation-menu";
import { type Asking, Dock } from "./dock";
import { liveAnswers } from "./live-answers";
import { conversationQuery } from "./queries";
import { Sources } from "./sources";
import { t as answers } from "./texts/answers";
import { t } from "./texts/conversations";
import { TurnSection, type TurnSectionProps } from "./turn-section";
import { type TurnView, turnOf } from "./turn";
import { EVERYTHING } from "./turn-scope";
import { useAsk } from "./use-ask";

const conversationRoute = getRouteApi("/ask/$conversationId");

/** The turns of a conversation as they stand: what was stored, and what is being written. */
function useTurns(conversationId: string) {
  const clients = useClients();
  const live = liveAnswers(clients);
  const stored = useQuery(conversationQuery(clients, conversationId));
  // The snapshot is the sum of all events: it changes whenever a word arrives.
  useSyncExternalStore(live.subscribe, () =>
    live
      .of(conversationId)
      .map((turn) => `${turn.generationId}:${turn.lastSequence}:${turn.outcome.kind}`)
      .join(),
  );
  const turns = (stored.data?.turns ?? []).map((turn) => live.get(turn.generationId) ?? turnOf(turn, conversationId));
  const known = new Set(turns.map((turn) => turn.generationId));
  const all = [...turns, ...live.of(conversationId).filter((turn) => !known.has(turn.generationId))];
  const storedTurns = stored.data?.turns;
  useEffect(() => {
    for (const turn of storedTurns ?? []) {
      if (turn.outcome.case === undefined && live.get(turn.generationId) === undefined)
        live.follow(turnOf(turn, conversationId));
    }
  }, [storedTurns, live, conversationId]);
  return { turns: all, stored, live };
}

/** Keeps the end in view while words arrive, unless the reader has scrolled up. */
function useStayAtEnd(marker: string): void {
  const atEnd = useRef(true);
  useEffect(() => {
    const onScroll = () => {
      atEnd.current = document.documentElement.scrollHeight - innerHeight - scrollY < 120;
    };
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, []);
  useEffect(() => {
    if (atEnd.current) scrollTo({ top: document.documentElement.scrollHeight });
  }, [marker]);
}

export function ConversationPage(): JSX.Element {
  const { conversationId } = conversationRoute.useParams();
  const navigate = useNavigate();
  const { turns, stored, live } = useTurns(conversationId);
  const [active, setActive] = useState<{ turn: string; citation: number } | null>(null);
  const ask = useAsk();
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const path = pathOf(turns, chosen);
  const shownTurns = path.map(({ turn }) => turn);
  const running = shownTurns.find((turn) => turn.outcome.kind === "running");
  const last = shownTurns.at(-1);
  const conversation = stored.data?.conversation;
  const mine = conversation?.mine ?? true;
  const choose = (afterId: string, generationId: string) =>
    setChosen((before) => new Map(before).set(afterId, generationId));
  const shown = shownTurns.find((turn) => turn.generationId === active?.turn) ?? last;
  useStayAtEnd(running ? `${running.generationId}${running.answer.length}` : "");
  const put = (text: string, asking: Asking) =>
    ask.mutate({ text, conversationId, ...asking, afterId: last?.generationId ?? "" });
  const again = (turn: TurnView, text: string) =>
    ask.mutate(
      { text, conversationId, model: turn.model, scope: turn.scope, insteadOf: turn },
      { onSuccess: ({ generationId }) => choose(turn.afterId, generationId) },
    );
  const onActive = useCallback(
    (turn: string, citation: number | null) =>
      setActive((old) => (citation === null ? (old?.turn === turn ? null : old) : { turn, citation })),
    [],
  );
  const title = conversation?.title ?? turns[0]?.question ?? answers.page;
  return (
    <Page
      title={title}
      {...(turns.length === 0 && { heading: answers.page })}
      crumbs={[{ label: answers.page, link: { to: "/ask" } }, { label: title }]}
      actions={
        <>
          <Link to="/ask" className={buttonClass("ghost", "wide-only")}>
            {answers.newQuestion}
          </Link>
          {conversation && (
            <ConversationMenu
              conversation={conversation}
              label={t.thisConversation}
              lastId={last?.generationId ?? ""}
              onDeleted={() => void navigate({ to: "/ask" })}
            />
          )}
        </>
      }
    >
      <div className="chat">
        <div className="col">
          <div className="thread">
            {stored.isPending && turns.length === 0 && <SkeletonText />}
            {stored.isError && turns.length === 0 && (
              <Failure
                title={answers.unread}
                error={stored.error}
                onRetry={() => void stored.refetch()}
              />
            )}
            {!mine && <p className="sub">{t.readOnly(conversation?.personName ?? "")}</p>}
            {path.map((placed, index) => (
              <Turn
                key={placed.turn.generationId}
                placed={placed}
                first={index === 0}
                mayAsk={mine && running === undefined && !ask.isPending}
                onActive={onActive}
                onAsk={(text) => again(placed.turn, text)}
                onBranch={(generationId) => choose(placed.turn.afterId, generationId)}
                onResume={() => live.follow(placed.turn)}
              />
            ))}
            {ask.isError && (
              <Failure
                title={answers.notAsked}
                error={ask.error}
                onRetry={() => ask.mutate(ask.variables)}
              />
            )}
          </div>
          {mine && <Dock running={running} asking={ask.isPending} followUp begun={last?.scope ?? EVERYTHING} onAsk={put} />}
        </div>
        <Sources
          citations={shown?.citations ?? []}
          active={active?.turn === shown?.generationId ? (active?.citation ?? null) : null}
        />
      </div>
    </Page>
  );
}

interface TurnProps extends Omit<TurnSectionProps, "onActive"> {
  onActive: (turn: string, citation: number | null) => void;
}

function Turn({ placed, onActive, ...rest }: TurnProps): JSX.Element {
  const { generationId } = placed.turn;
  const activate = useCallback((citation: number | null) => onActive(generationId, citation), [generationId, onActive]);
  return <TurnSection placed={placed} onActive={activate} {...rest} />;
}
