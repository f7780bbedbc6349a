import "./ask.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { useClients } from "@/api/clients";
import { buttonClass, IconButton } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonText } from "@/ui/skeleton";
import { useToast } from "@/ui/toast";
import { age, dateOf } from "@/ui/time";
import { messageOf } from "@/api/errors";

import { Dock, type Scope } from "./dock";
import { liveAnswers, type Question } from "./live-answers";
import { conversationQuery, conversationsQuery } from "./queries";
import { Sources } from "./sources";
import { TurnSection } from "./turn-section";
import { newTurn, type TurnView, turnOf } from "./turn";
import { ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";

const askRoute = getRouteApi("/ask");
const conversationRoute = getRouteApi("/ask/$conversationId");

function useAsk() {
  const clients = useClients();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (question: Question) => liveAnswers(clients).ask(question),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["conversations"], exact: true });
    },
  });
}

function Earlier(): JSX.Element | null {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { data } = useQuery(conversationsQuery(clients));
  const remove = useMutation({
    mutationFn: (id: string) => clients(ChatService).deleteConversation({ id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["conversations"], exact: true }),
    onError: (error) => toast.show({ message: `The conversation was not deleted. ${messageOf(error)}` }),
  });
  const conversations = data?.conversations ?? [];
  if (conversations.length === 0) {
    return (
      <Empty title="Nothing asked yet">
        An answer is made from the passages of your records and names each one. Without a language model it quotes them.
      </Empty>
    );
  }
  return (
    <section className="earlier">
      <SectionHead title="Asked before" />
      <ul>
        {conversations.map((conversation) => {
          const at = dateOf(conversation.updatedAt);
          return (
            <li key={conversation.id} className="row grid-cols-[minmax(0,1fr)_auto_auto]">
              <Link
                to="/ask/$conversationId"
                params={{ conversationId: conversation.id }}
                className="t trunc hover:text-accent"
              >
                {conversation.title}
              </Link>
              <span className="dim sm num">{at && age(at)}</span>
              <IconButton label={`Delete “${conversation.title}”`} onClick={() => remove.mutate(conversation.id)}>
                <Icon name="close" />
              </IconButton>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A new question. Asked from elsewhere, it stands in the address and begins at once. */
export function AskPage(): JSX.Element {
  const navigate = useNavigate();
  const { q } = askRoute.useSearch();
  const ask = useAsk();
  const { mutate } = ask;
  const begin = useCallback(
    (question: Question) =>
      mutate(question, {
        // Of this page only: who has gone elsewhere meanwhile is not fetched back.
        onSuccess: ({ conversationId }) =>
          void navigate({ to: "/ask/$conversationId", params: { conversationId }, replace: true }),
      }),
    [mutate, navigate],
  );
  const begun = useRef("");
  useEffect(() => {
    if (q === undefined || begun.current === q) return;
    begun.current = q;
    begin({ text: q, conversationId: "", model: localStorage.getItem("cairn.model") ?? "", logIds: [] });
    // A reload must not ask it again.
    void navigate({ to: "/ask", search: {}, replace: true });
  }, [q, begin, navigate]);
  const asked = ask.variables?.text;
  return (
    <Page title="Ask" {...(asked === undefined && { heading: "Ask" })} crumbs={[{ label: "Ask" }]}>
      <div className="chat alone">
        <div className="col">
          <div className="thread">
            {ask.isPending && asked !== undefined && (
              <TurnSection
                turn={newTurn(asked, "")}
                first
                onActive={() => undefined}
                onAgain={() => undefined}
                onResume={() => undefined}
              />
            )}
            {ask.isError && (
              <Failure title="The question was not asked." error={ask.error} onRetry={() => begin(ask.variables)} />
            )}
            {!ask.isPending && !ask.isError && <Earlier />}
          </div>
          <Dock
            running={undefined}
            asking={ask.isPending}
            followUp={false}
            onAsk={(text, scope) => begin({ text, conversationId: "", ...scope })}
          />
        </div>
      </div>
    </Page>
  );
}

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
  const { turns, stored, live } = useTurns(conversationId);
  const [active, setActive] = useState<{ turn: string; citation: number } | null>(null);
  const ask = useAsk();
  const running = turns.find((turn) => turn.outcome.kind === "running");
  const last = turns.at(-1);
  const shown = turns.find((turn) => turn.generationId === active?.turn) ?? last;
  useStayAtEnd(running ? `${running.generationId}${running.answer.length}` : "");
  const put = (text: string, scope: Scope) => ask.mutate({ text, conversationId, ...scope });
  const onActive = useCallback(
    (turn: string, citation: number | null) =>
      setActive((old) => (citation === null ? (old?.turn === turn ? null : old) : { turn, citation })),
    [],
  );
  const title = turns[0]?.question ?? stored.data?.conversation?.title ?? "Ask";
  return (
    <Page
      title={title}
      {...(turns.length === 0 && { heading: "Ask" })}
      crumbs={[{ label: "Ask", link: { to: "/ask" } }, { label: title }]}
      actions={
        <Link to="/ask" className={buttonClass("ghost", "wide-only")}>
          New question
        </Link>
      }
    >
      <div className="chat">
        <div className="col">
          <div className="thread">
            {stored.isPending && turns.length === 0 && <SkeletonText />}
            {stored.isError && turns.length === 0 && (
              <Failure
                title="The conversation could not be read."
                error={stored.error}
                onRetry={() => void stored.refetch()}
              />
            )}
            {turns.map((turn, index) => (
              <Turn
                key={turn.generationId}
                turn={turn}
                first={index === 0}
                onActive={onActive}
                onAgain={() => put(turn.question, { model: turn.model, logIds: [] })}
                onResume={() => live.follow(turn)}
              />
            ))}
            {ask.isError && (
              <Failure
                title="The question was not asked."
                error={ask.error}
                onRetry={() => ask.mutate(ask.variables)}
              />
            )}
          </div>
          <Dock running={running} asking={ask.isPending} followUp onAsk={put} />
        </div>
        <Sources
          citations={shown?.citations ?? []}
          active={active?.turn === shown?.generationId ? (active?.citation ?? null) : null}
        />
      </div>
    </Page>
  );
}

interface TurnProps {
  turn: TurnView;
  first: boolean;
  onActive: (turn: string, citation: number | null) => void;
  onAgain: () => void;
  onResume: () => void;
}

function Turn({ turn, onActive, ...rest }: TurnProps): JSX.Element {
  const { generationId } = turn;
  const activate = useCallback((citation: number | null) => onActive(generationId, citation), [generationId, onActive]);
  return <TurnSection turn={turn} onActive={activate} {...rest} />;
}
