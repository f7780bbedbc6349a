import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useEffect, useState } from "react";

import { useClients } from "@/api/clients";
import { isUnreachable, messageOf } from "@/api/errors";
import { type Care as CareState, ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";
import { Button } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Avatar } from "@/ui/marks";
import { longDate } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { t } from "../texts/life";
import { careQuery, peopleQuery, RHYTHMS } from "./queries";

/** What a write answers is what the page shows; lists that count reviews are read again. */
function useCare(decisionId: string) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ run }: { run: () => Promise<{ care?: CareState | undefined }>; said: string }) => run(),
    onSuccess: async ({ care }, { said }) => {
      if (care) queryClient.setQueryData(careQuery(clients, decisionId).queryKey, care);
      if (said !== "") toast.show({ message: said });
      const telling = ["inbox", "list", "facets"];
      await Promise.all(telling.map((part) => queryClient.invalidateQueries({ queryKey: ["decisions", part] })));
    },
    onError: (error) => toast.show({ message: t.unchanged(messageOf(error)) }),
  });
}

function isPast(isoDate: string): boolean {
  return isoDate !== "" && isoDate < new Date().toISOString().slice(0, 10);
}

interface PartProps {
  decisionId: string;
  care: CareState;
  busy: boolean;
  change: (run: () => Promise<{ care?: CareState | undefined }>, said: string) => void;
}

function Owner({ decisionId, care, change }: PartProps): JSX.Element {
  const clients = useClients();
  const people = useQuery(peopleQuery(clients)).data?.people ?? [];
  const known = care.owner && !people.some((one) => one.id === care.owner?.id) ? [care.owner] : [];
  return (
    <section>
      <h2 id="owner-heading">{t.owner}</h2>
      <div className="owner">
        {care.owner && <Avatar name={care.owner.name} />}
        <select
          aria-labelledby="owner-heading"
          className="bare"
          value={care.owner?.id ?? ""}
          onChange={(event) => {
            const personId = event.target.value;
            change(() => clients(ReviewService).setOwner({ decisionId, personId }), "");
          }}
        >
          <option value="">{t.nobody}</option>
          {[...known, ...people].map((person) => (
            <option key={person.id} value={person.id}>
              {person.name}
            </option>
          ))}
        </select>
      </div>
    </section>
  );
}

function ReviewForm({ decisionId, care, busy, change, onClose }: PartProps & { onClose: () => void }): JSX.Element {
  const clients = useClients();
  const [reviewOn, setReviewOn] = useState(care.reviewOn);
  const [everyMonths, setEveryMonths] = useState(care.everyMonths);
  return (
    <form
      className="form gap-2! pt-1"
      onSubmit={(event) => {
        event.preventDefault();
        onClose();
        change(
          () => clients(ReviewService).setReview({ decisionId, reviewOn, everyMonths }),
          reviewOn === "" ? t.noneSet : t.reviewSet(longDate(reviewOn)),
        );
      }}
    >
      <TextField label={t.lookAgain} type="date" value={reviewOn} onChange={setReviewOn} />
      <SelectField
        label={t.afterThat}
        value={String(everyMonths)}
        options={RHYTHMS.map((months) => ({
          value: String(months),
          label: t.rhythm(months),
        }))}
        onChange={(months) => setEveryMonths(Number(months))}
      />
      <div className="flex gap-2">
        <Button type="submit" busy={busy}>
          {t.setReview}
        </Button>
        <Button look="ghost" onClick={onClose}>
          {t.cancel}
        </Button>
      </div>
    </form>
  );
}

function Review(props: PartProps): JSX.Element {
  const { decisionId, care, busy, change } = props;
  const clients = useClients();
  const [open, setOpen] = useState(false);
  const late = isPast(care.reviewOn);
  const due = care.reviewOn === "" ? t.nonePlanned : t.due(longDate(care.reviewOn), late);
  return (
    <section>
      <h2>{t.review}</h2>
      {open ? (
        <ReviewForm {...props} onClose={() => setOpen(false)} />
      ) : (
        <>
          <p className={late ? "due" : "sub"}>
            {care.everyMonths > 0 ? t.dueEvery(due, care.everyMonths) : due}
          </p>
          <p className="flex flex-wrap gap-x-3">
            {care.reviewOn !== "" && (
              <button
                type="button"
                className="link"
                disabled={busy}
                onClick={() =>
                  change(
                    () => clients(ReviewService).confirmReview({ decisionId }),
                    t.heldToday,
                  )
                }
              >
                {t.holds}
              </button>
            )}
            <button type="button" className="link" onClick={() => setOpen(true)}>
              {care.reviewOn === "" ? t.plan : t.change}
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function Watchers({ decisionId, care, busy, change }: PartProps): JSX.Element {
  const clients = useClients();
  return (
    <section>
      <h2>{t.watching}</h2>
      <p className="sub">
        {care.watchers.length === 0 ? t.nobody : care.watchers.map((person) => person.name).join(", ")}
      </p>
      <button
        type="button"
        className="link"
        disabled={busy}
        onClick={() =>
          change(
            () => clients(ReviewService).watchDecision({ decisionId, stop: care.watching }),
            care.watching ? t.notTold : t.told,
          )
        }
      >
        {care.watching ? t.stopWatching : t.watch}
      </button>
    </section>
  );
}

/** Who looks after the decision, when it is looked at again, who is told of changes. */
export function Care({ decisionId, version }: { decisionId: string; version: number }): JSX.Element | null {
  const clients = useClients();
  const queryClient = useQueryClient();
  const { data } = useQuery(careQuery(clients, decisionId));
  const change = useCare(decisionId);
  const watching = data?.watching === true;
  useEffect(() => {
    if (!watching) return;
    clients(ReviewService)
      .markSeen({ decisionId })
      .then(() => queryClient.invalidateQueries({ queryKey: ["decisions", "inbox"] }))
      .catch((error: unknown) => {
        // The change stays in the inbox: reading it again marks it again.
        if (!isUnreachable(error)) throw error;
      });
  }, [clients, queryClient, decisionId, version, watching]);
  if (data === undefined) return null;
  const props: PartProps = {
    decisionId,
    care: data,
    busy: change.isPending,
    change: (run, said) => change.mutate({ run, said }),
  };
  return (
    <>
      <Owner {...props} />
      <Review {...props} />
      <Watchers {...props} />
    </>
  );
}
