import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type JSX, type KeyboardEvent, useId, useState } from "react";

import { useClients } from "@/api/clients";
import { type DecisionSummary, DecisionsService, Order } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Field } from "@/ui/field";
import { Stone } from "@/ui/stone";

import { t } from "./texts/life";

const SHOWN = 6;

interface PickerProps {
  label: string;
  hint?: string;
  /** Not offered: a record has no relation to itself. */
  except: string;
  chosen: DecisionSummary | undefined;
  onChoose: (decision: DecisionSummary | undefined) => void;
}

/** Finds one record by its number or title. */
export function DecisionPicker({ label, hint, except, chosen, onChoose }: PickerProps): JSX.Element {
  const clients = useClients();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const text = typed.trim();
  const found = useQuery({
    queryKey: ["decisions", "picker", text],
    queryFn: ({ signal }) =>
      clients(DecisionsService).listDecisions(
        { text, pageSize: SHOWN + 1, order: text === "" ? Order.UPDATED_DESC : Order.NUMBER_DESC },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  const offered = (found.data?.decisions ?? []).filter((one) => one.id !== except).slice(0, SHOWN);
  const current = Math.min(active, offered.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && offered.length > 0) {
      event.preventDefault();
      setActive((current + step + offered.length) % offered.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const one = offered[current];
      if (one) onChoose(one);
    }
  };
  if (chosen) {
    return (
      <div className="field">
        <span className="label">{label}</span>
        <div className="inp gap-2">
          <Stone status={chosen.status} />
          <span className="id">{chosen.ref}</span>
          <span className="trunc grow">{chosen.title}</span>
          <button type="button" className="link" onClick={() => onChoose(undefined)}>
            {t.change}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div className="picker">
      <Field label={label} hint={hint}>
        {(control) => (
          <input
            {...control}
            className="inp"
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={offered.length > 0 ? `${list}-${current}` : undefined}
            placeholder={t.numberOrTitle}
            autoComplete="off"
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setActive(0);
            }}
            onKeyDown={onKeyDown}
          />
        )}
      </Field>
      {/* The keys are the field's. */}
      <div id={list} role="listbox" aria-label={t.records}>
        {offered.map((one, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={one.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            onClick={() => onChoose(one)}
          >
            <Stone status={one.status} />
            <span className="trunc">{one.title}</span>
            <span className="id">{one.ref}</span>
          </div>
        ))}
        {found.isSuccess && offered.length === 0 && (
          <div role="option" aria-selected="false" aria-disabled="true">
            <span />
            <span className="dim">{t.noOther}</span>
          </div>
        )}
      </div>
    </div>
  );
}
