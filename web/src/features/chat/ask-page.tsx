import "./ask.css";

import { getRouteApi, useNavigate, useRouter } from "@tanstack/react-router";
import { type JSX, Suspense, useCallback, useEffect, useRef } from "react";

import { lazyPart } from "@/text/lazy";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonText } from "@/ui/skeleton";

import { ConversationList } from "./conversation-list";
import { Dock } from "./dock";
import type { Question } from "./send-question";
import { t as answers } from "./texts/answers";
import { EVERYTHING } from "./turn-scope";
import { useAsk } from "./use-ask";

// What draws answers comes when a question is begun: to see the page needs none of that.
const loadAsked = async () => (await import("./asked")).Asked;
const Asked = lazyPart(loadAsked);

const askRoute = getRouteApi("/ask");

/** A new question. Asked from elsewhere, it stands in the address and begins at once. */
export function AskPage(): JSX.Element {
  const navigate = useNavigate();
  const { history } = useRouter();
  const { q, record } = askRoute.useSearch();
  const scope = record === undefined ? EVERYTHING : { ...EVERYTHING, decisionIds: [record] };
  const ask = useAsk();
  const { mutate } = ask;
  const begin = useCallback(
    (question: Question) =>
      mutate(question, {
        // Of this page only: who has gone elsewhere meanwhile, or is on the way, is not fetched back.
        onSuccess: ({ conversationId }) => {
          if (history.location.pathname !== "/ask") return;
          void navigate({ to: "/ask/$conversationId", params: { conversationId }, replace: true });
        },
      }),
    [mutate, navigate, history],
  );
  const begun = useRef("");
  useEffect(() => {
    if (q === undefined || begun.current === q) return;
    begun.current = q;
    begin({ text: q, conversationId: "", model: localStorage.getItem("cairn.model") ?? "", scope: EVERYTHING });
    // A reload must not ask it again.
    void navigate({ to: "/ask", search: {}, replace: true });
  }, [q, begin, navigate]);
  useEffect(() => {
    // Whoever types will ask. What does not come now is fetched again with the question.
    const prepare = () => void loadAsked().catch(() => undefined);
    addEventListener("keydown", prepare, { once: true });
    return () => removeEventListener("keydown", prepare);
  }, []);
  const asked = ask.variables?.text;
  return (
    <Page title={answers.page} {...(asked === undefined && { heading: answers.page })} crumbs={[{ label: answers.page }]}>
      <div className="chat alone">
        <div className="col">
          <div className="thread">
            {ask.isPending && asked !== undefined && (
              <Suspense fallback={<SkeletonText />}>
                <Asked question={asked} />
              </Suspense>
            )}
            {ask.isError && (
              <Failure title={answers.notAsked} error={ask.error} onRetry={() => begin(ask.variables)} />
            )}
            {!ask.isPending && !ask.isError && <ConversationList />}
          </div>
          <Dock
            running={undefined}
            asking={ask.isPending}
            followUp={false}
            begun={scope}
            onAsk={(text, asked) => begin({ text, conversationId: "", ...asked })}
          />
        </div>
      </div>
    </Page>
  );
}
