import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, type Ref, type RefObject, useEffect, useRef, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Comment, VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";
import type { OutlineEntry } from "@/text/finish";
import { readablePassage } from "@/text/passage";
import { Button } from "@/ui/button";
import { Field, SelectField } from "@/ui/field";
import { Avatar, SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { dateOf, fullMoment, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { t } from "../texts/talk";
import { showLines } from "./gutter";
import { commentsQuery, type Place, type Thread, threadsOf, WHOLE_TEXT } from "./queries";

const LONGEST_COMMENT = 10_000;

interface Sent {
  body: string;
  place: Place;
  section: string;
  parentId: string;
}

function useComment(decision: DecisionSummary, onSent: () => void) {
  const clients = useClients();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ body, place, section, parentId }: Sent) =>
      clients(VersionsService).addComment({
        decisionId: decision.id,
        version: decision.version,
        firstLine: place.firstLine,
        lastLine: place.lastLine,
        section,
        body,
        parentId,
      }),
    onSuccess: async () => {
      onSent();
      await queryClient.invalidateQueries({ queryKey: ["decisions", "comments", decision.id] });
    },
  });
}

interface WriteProps {
  decision: DecisionSummary;
  label: string;
  action: string;
  place: Place;
  section?: string;
  parentId?: string;
  onClose?: () => void;
  children?: JSX.Element | undefined;
  focused?: boolean;
}

/** What is typed stays until the server has it. */
function Write({
  decision,
  label,
  action,
  place,
  section = "",
  parentId = "",
  onClose,
  children,
  focused = false,
}: WriteProps): JSX.Element {
  const [body, setBody] = useState("");
  const send = useComment(decision, () => {
    setBody("");
    onClose?.();
  });
  return (
    <form
      className="form gap-2! pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (body.trim() !== "") send.mutate({ body: body.trim(), place, section, parentId });
      }}
    >
      {children}
      <Field label={label}>
        {(control) => (
          <textarea
            {...control}
            // It was opened to write in it.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus={focused}
            className="inp"
            rows={3}
            maxLength={LONGEST_COMMENT}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) event.currentTarget.form?.requestSubmit();
              if (event.key === "Escape" && body === "") onClose?.();
            }}
          />
        )}
      </Field>
      {send.isError && <Failure title={t.notSent} error={send.error} />}
      <div className="flex gap-2">
        <Button type="submit" busy={send.isPending} disabled={body.trim() === ""}>
          {action}
        </Button>
        {onClose && (
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        )}
      </div>
    </form>
  );
}

function Message({ comment, children }: { comment: Comment; children?: JSX.Element | undefined }): JSX.Element {
  const at = dateOf(comment.createdAt);
  return (
    <div className="msg">
      <Avatar name={comment.authorName} large />
      <div className="min-w-0">
        <span className="med">{comment.authorName}</span>{" "}
        {at && (
          <time className="dim sm" dateTime={at.toISOString()} title={fullMoment(at)}>
            {momentInWords(at)}
          </time>
        )}
        {children}
        <p className="words">{comment.body}</p>
      </div>
    </div>
  );
}

function Quoted({ comment, current, onShow }: { comment: Comment; current: number; onShow: () => void }): JSX.Element {
  const quote = readablePassage(comment.quote, []).text;
  return (
    <>
      {comment.quote !== "" &&
        (comment.shownFirstLine > 0 ? (
          <button type="button" className="quote" title={t.showInText} onClick={onShow}>
            {quote}
          </button>
        ) : (
          <p className="quote">{quote}</p>
        ))}
      {comment.outdated && (
        <p className="soon sm">
          {(comment.shownFirstLine > 0 ? t.outdated : t.outdatedGone)(comment.version)}{" "}
          <Link
            to="/decisions/$ref/history"
            params={{ ref: comment.decisionId }}
            search={{ a: String(comment.version), b: String(current) }}
            className="link"
          >
            {t.seeChanges}
          </Link>
        </p>
      )}
    </>
  );
}

interface ThreadProps {
  thread: Thread;
  decision: DecisionSummary;
  open: boolean;
  onShow: () => void;
}

function ThreadView({ thread, decision, open, onShow }: ThreadProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [answering, setAnswering] = useState(false);
  const { first, answers } = thread;
  const resolved = first.resolvedAt !== undefined;
  const resolve = useMutation({
    mutationFn: (reopen: boolean) => clients(VersionsService).resolveComment({ commentId: first.id, reopen }),
    onSuccess: async (_, reopen) => {
      await queryClient.invalidateQueries({ queryKey: ["decisions", "comments", decision.id] });
      if (!reopen) {
        toast.show({ message: t.settled, action: { label: t.undo, run: () => resolve.mutate(true) } });
      }
    },
    onError: (error) => toast.show({ message: t.unchanged(messageOf(error)) }),
  });
  return (
    <li id={`comment-${first.id}`} className="thread-of" tabIndex={-1}>
      <Message comment={first}>
        <Quoted comment={first} current={decision.version} onShow={onShow} />
      </Message>
      {answers.map((answer) => (
        <Message key={answer.id} comment={answer} />
      ))}
      <div className="under">
        {resolved && <span className="dim sm">{t.settledBy(first.resolvedBy)}</span>}
        {open && !resolved && !answering && (
          <button type="button" className="link" onClick={() => setAnswering(true)}>
            {t.answer}
          </button>
        )}
        {open && (
          <button type="button" className="link" disabled={resolve.isPending} onClick={() => resolve.mutate(resolved)}>
            {resolved ? t.reopen : t.settle}
          </button>
        )}
      </div>
      {answering && (
        <Write
          decision={decision}
          label={t.answerTo(first.authorName)}
          action={t.answer}
          place={WHOLE_TEXT}
          parentId={first.id}
          onClose={() => setAnswering(false)}
          focused
        />
      )}
    </li>
  );
}

interface DiscussionProps {
  decision: DecisionSummary;
  /** Whether one may join in: of a deleted record it is only read. */
  joinable: boolean;
  outline: readonly OutlineEntry[];
  /** Chosen in the text; null when a comment begins below it. */
  place: Place | null;
  onPlaceDone: () => void;
  /** Holds the text that is spoken about. */
  text: RefObject<HTMLElement | null>;
  form: Ref<HTMLDivElement>;
}

/** What is said about the text. A comment follows its lines from version to version. */
export function Discussion(props: DiscussionProps): JSX.Element | null {
  const { decision, joinable, outline, place, onPlaceDone, text, form } = props;
  const clients = useClients();
  const [showSettled, setShowSettled] = useState(false);
  const [section, setSection] = useState("");
  const [writing, setWriting] = useState(false);
  const comments = useQuery(commentsQuery(clients, decision.id, decision.version));
  const threads = threadsOf(comments.data?.comments ?? []);
  const open = threads.filter((thread) => thread.first.resolvedAt === undefined);
  const settled = threads.filter((thread) => thread.first.resolvedAt !== undefined);
  const shown = showSettled ? threads : open;
  const here = useRef<HTMLElement>(null);
  useEffect(() => {
    // The address may lead here, which comes after the text.
    if (location.hash === "#discussion") here.current?.scrollIntoView();
  }, []);
  if (!joinable && threads.length === 0) return null;
  return (
    <section ref={here} className="talk" id="discussion" aria-label={t.discussion}>
      <SectionHead title={t.discussion}>
        {threads.length > 0 && t.open(open.length)}
        {settled.length > 0 && (
          <>
            ,{" "}
            <button type="button" className="link" aria-pressed={showSettled} onClick={() => setShowSettled(!showSettled)}>
              {(showSettled ? t.hideSettled : t.showSettled)(settled.length)}
            </button>
          </>
        )}
      </SectionHead>
      {comments.isError && (
        <Failure
          title={t.notRead}
          error={comments.error}
          onRetry={() => void comments.refetch()}
        />
      )}
      <ul>
        {shown.map((thread) => (
          <ThreadView
            key={thread.first.id}
            thread={thread}
            decision={decision}
            open={joinable}
            onShow={() => showLines(text.current, thread.first)}
          />
        ))}
      </ul>
      <div ref={form}>
        {place ? (
          <Write
            key={`${place.firstLine}-${place.lastLine}`}
            decision={decision}
            label={t.onPassage}
            action={t.comment}
            place={place}
            onClose={onPlaceDone}
            focused
          >
            <p className="quote">{place.quote}</p>
          </Write>
        ) : !joinable ? undefined : !writing ? (
          <Button className="mt-3" onClick={() => setWriting(true)}>
            {t.writeComment}
          </Button>
        ) : (
          <Write
            focused
            onClose={() => setWriting(false)}
            decision={decision} label={t.newComment} action={t.comment} place={WHOLE_TEXT} section={section}>
            {outline.length > 0 ? (
              <SelectField
                label={t.about}
                value={section}
                options={[
                  { value: "", label: t.wholeText },
                  ...outline.map((entry) => ({ value: entry.text, label: entry.text })),
                ]}
                onChange={setSection}
              />
            ) : undefined}
          </Write>
        )}
      </div>
    </section>
  );
}
