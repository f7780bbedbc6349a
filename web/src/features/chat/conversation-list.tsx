import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, Suspense, useDeferredValue, useState } from "react";

import { useClients } from "@/api/clients";
import { ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";
import { lazyPart } from "@/text/lazy";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Segmented } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { age, dateOf } from "@/ui/time";

import { t } from "./texts/conversations";

const ConversationMenu = lazyPart(async () => (await import("./conversation-menu")).ConversationMenu);

const SHOWN = 30;

/** The conversations of a person, and those that others share: searched by the words of their questions. */
export function ConversationList(): JSX.Element {
  const clients = useClients();
  const [typed, setTyped] = useState("");
  const [whose, setWhose] = useState<"mine" | "shared">("mine");
  const query = useDeferredValue(typed.trim());
  const { data, hasNextPage, fetchNextPage, isSuccess } = useInfiniteQuery({
    queryKey: ["conversations", "list", whose, query],
    queryFn: ({ pageParam, signal }) =>
      clients(ChatService).listConversations(
        { pageSize: SHOWN, cursor: pageParam, query, sharedWithMe: whose === "shared" },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => (page.nextCursor === "" ? undefined : page.nextCursor),
    placeholderData: keepPreviousData,
  });
  const found = data?.pages.flatMap((page) => page.conversations) ?? [];
  const nothing = isSuccess && found.length === 0;
  return (
    <section className="earlier">
      <SectionHead title={t.askedBefore}>
        <Segmented
          label={t.whose}
          value={whose}
          options={[
            { value: "mine", label: t.mine },
            { value: "shared", label: t.shared },
          ]}
          onChange={setWhose}
        />
      </SectionHead>
      <input
        type="search"
        className="inp"
        aria-label={t.search}
        placeholder={t.search}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {nothing && query !== "" && <p className="sub pt-3">{t.nothingFound}</p>}
      {nothing && query === "" && whose === "shared" && <p className="sub pt-3">{t.nothingShared}</p>}
      {nothing && query === "" && whose === "mine" && <Empty title={t.nothingTitle}>{t.nothing}</Empty>}
      <ul>
        {found.map((conversation) => {
          const at = dateOf(conversation.updatedAt);
          return (
            <li key={conversation.id} className="row grid-cols-[minmax(0,1fr)_auto_auto_auto]">
              <Link
                to="/ask/$conversationId"
                params={{ conversationId: conversation.id }}
                className="t trunc hover:text-accent"
              >
                {conversation.title}
              </Link>
              <span className="dim sm">
                {conversation.mine ? conversation.shared && t.isShared : t.sharedBy(conversation.personName)}
              </span>
              <span className="dim sm num">{at && age(at)}</span>
              <Suspense fallback={<span className="btn ghost icon" aria-hidden="true" />}>
                <ConversationMenu conversation={conversation} label={t.actions(conversation.title)} />
              </Suspense>
            </li>
          );
        })}
      </ul>
      {hasNextPage && (
        <Button look="ghost" onClick={() => void fetchNextPage()}>
          {t.more}
        </Button>
      )}
    </section>
  );
}
