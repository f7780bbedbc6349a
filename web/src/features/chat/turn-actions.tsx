import { type JSX, useState } from "react";

import { FinishReason } from "@/api/gen/cairn/chat/v1/chat_pb";
import { locale } from "@/text/language";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { useToast } from "@/ui/toast";

import type { Placed } from "./branches";
import { t } from "./texts/conversations";

const LONGEST_QUESTION = 4_000;
const MICROS = 1_000_000;

interface TurnActionsProps {
  placed: Placed;
  /** Nobody asks in a conversation that another shares, nor while an answer is being written. */
  mayAsk: boolean;
  onBranch: (generationId: string) => void;
  onAsk: (question: string) => void;
}

function Branches({ placed, onBranch }: Pick<TurnActionsProps, "placed" | "onBranch">): JSX.Element | null {
  const { turn, branches } = placed;
  const at = branches.findIndex((one) => one.generationId === turn.generationId);
  if (branches.length < 2) return null;
  const go = (step: number) => {
    const next = branches[at + step];
    if (next) onBranch(next.generationId);
  };
  return (
    <span className="branches" role="group" aria-label={t.branches}>
      <IconButton label={t.earlier} disabled={at === 0} onClick={() => go(-1)}>
        <span className="rotate-90">
          <Icon name="down" />
        </span>
      </IconButton>
      <span className="num">{t.branch(at + 1, branches.length)}</span>
      <IconButton label={t.later} disabled={at === branches.length - 1} onClick={() => go(1)}>
        <span className="-rotate-90">
          <Icon name="down" />
        </span>
      </IconButton>
    </span>
  );
}

function costOf(micros: bigint): string {
  const dollars = Number(micros) / MICROS;
  const digits = dollars < 0.01 ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const format = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...digits } as const;
  return dollars === 0 ? t.free : new Intl.NumberFormat(locale, format).format(dollars);
}

/** What can be done with an answer, and what it took. */
export function TurnActions({ placed, mayAsk, onBranch, onAsk }: TurnActionsProps): JSX.Element {
  const { turn } = placed;
  const toast = useToast();
  const [edited, setEdited] = useState<string>();
  const { outcome } = turn;
  return (
    <div className="acts">
      <Branches placed={placed} onBranch={onBranch} />
      {turn.answer !== "" && (
        <Button
          look="ghost"
          onClick={() => {
            void navigator.clipboard.writeText(turn.answer).then(() => toast.show({ message: t.copied }));
          }}
        >
          {t.copy}
        </Button>
      )}
      {mayAsk && (
        <>
          {/* What did not end well offers it at its end already. */}
          {outcome.kind === "finished" && outcome.reason !== FinishReason.STOPPED && (
            <Button look="ghost" onClick={() => onAsk(turn.question)}>
              {t.again}
            </Button>
          )}
          <Button look="ghost" onClick={() => setEdited(turn.question)}>
            {t.edit}
          </Button>
        </>
      )}
      <span className="took num">
        {turn.marks.length > 0 && <span className="unf">{t.marks(turn.marks.length)}</span>}
        {turn.model !== "" && <span>{turn.model}</span>}
        {outcome.kind === "finished" && outcome.tokens > 0 && (
          <>
            <span>{t.tokens(outcome.tokens)}</span>
            <span>{costOf(outcome.costMicros)}</span>
          </>
        )}
      </span>
      {edited !== undefined && (
        <Dialog
          title={t.edit}
          onClose={() => setEdited(undefined)}
          footer={
            <>
              <Button
                look="primary"
                disabled={edited.trim() === ""}
                onClick={() => {
                  setEdited(undefined);
                  onAsk(edited.trim());
                }}
              >
                {t.ask}
              </Button>
              <Button look="ghost" onClick={() => setEdited(undefined)}>
                {t.cancel}
              </Button>
            </>
          }
        >
          <Field label={t.edit} hint={t.editHint}>
            {(control) => (
              <textarea
                {...control}
                className="inp"
                rows={4}
                maxLength={LONGEST_QUESTION}
                value={edited}
                onChange={(event) => setEdited(event.target.value)}
              />
            )}
          </Field>
        </Dialog>
      )}
    </div>
  );
}
