import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type JSX, type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from "react";

import { useClients } from "@/api/clients";
import { DecisionsService, type DecisionSummary, Order } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";
import { language, LANGUAGES, setLanguage } from "@/text/language";
import { Icon, type IconName } from "@/ui/icons";
import { Stone } from "@/ui/stone";

import { type PageAction, pageActions } from "./page-actions";
import { PLACES } from "./places";
import { t } from "./texts/palette";
import { t as shell } from "./texts/shell";
import { setTheme } from "./theme";

const OTHER_LANGUAGES = (Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]).filter((one) => one !== language);
const SETTLES_MS = 80;
const RECORDS = 8;
const NONE_YET: readonly Entry[] = [];

interface Entry {
  key: string;
  label: string;
  hint: string;
  decision?: DecisionSummary;
  icon?: IconName;
  run: () => void;
}

interface PaletteProps {
  onClose: () => void;
  /** Opens the list of keys in place of the palette. */
  onKeys: () => void;
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Records by title or number first, then what the search finds in their text. */
function useRecords(words: string): DecisionSummary[] {
  const clients = useClients();
  const titles = useQuery({
    queryKey: ["decisions", "palette", words],
    queryFn: ({ signal }) =>
      clients(DecisionsService).listDecisions(
        { text: words, pageSize: RECORDS, order: words === "" ? Order.UPDATED_DESC : Order.NUMBER_DESC },
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  const passages = useQuery({
    queryKey: ["search", "palette", words],
    queryFn: ({ signal }) => clients(SearchService).search({ query: words, pageSize: RECORDS }, { signal }),
    enabled: words.length > 2,
    placeholderData: keepPreviousData,
  });
  const found = new Map<string, DecisionSummary>();
  for (const decision of titles.data?.decisions ?? []) found.set(decision.id, decision);
  if (words.length > 2) {
    for (const { decision } of passages.data?.results ?? []) if (decision) found.set(decision.id, decision);
  }
  return [...found.values()].slice(0, RECORDS);
}

function useEntries(typed: string, actions: readonly PageAction[], { onClose, onKeys }: PaletteProps): Entry[] {
  const navigate = useNavigate();
  const records = useRecords(useSettled(typed.trim()));
  const words = typed.trim().toLowerCase();
  const go = (act: () => unknown) => () => {
    onClose();
    void act();
  };
  const commands: Entry[] = [
    ...actions.map((action) => ({ ...action, run: go(action.run) })),
    ...PLACES.map((place) => ({
      label: t.longer[place.name] ?? shell[place.name],
      icon: place.icon,
      hint: `G ${place.key.toUpperCase()}`,
      run: go(() => navigate({ to: place.to })),
    })),
    { label: t.newDecision, icon: "pencil" as const, hint: "C", run: go(() => navigate({ to: "/decisions/new" })) },
    { label: t.board, icon: "log" as const, run: go(() => navigate({ to: "/decisions", search: { view: "board" } })) },
    { label: t.spending, icon: "settings" as const, run: go(() => navigate({ to: "/settings/spending" })) },
    { label: t.models, icon: "settings" as const, run: go(() => navigate({ to: "/settings/models" })) },
    { label: t.people, icon: "settings" as const, run: go(() => navigate({ to: "/settings/people" })) },
    { label: t.tokens, icon: "settings" as const, run: go(() => navigate({ to: "/settings/tokens" })) },
    { label: t.jobs, icon: "settings" as const, run: go(() => navigate({ to: "/settings/jobs" })) },
    { label: t.keys, icon: "keys" as const, hint: "?", run: onKeys },
    {
      label: t.deleted,
      icon: "log" as const,
      run: go(() => navigate({ to: "/decisions", search: { deleted: "yes" } })),
    },
    { label: t.light, icon: "sun" as const, run: go(() => setTheme("light")) },
    { label: t.dark, icon: "moon" as const, run: go(() => setTheme("dark")) },
    { label: t.system, icon: "system" as const, run: go(() => setTheme("system")) },
    ...OTHER_LANGUAGES.map((other) => ({
      label: t.language(LANGUAGES[other]),
      icon: "settings" as const,
      run: go(() => setLanguage(other)),
    })),
  ]
    .filter((command) => command.label.toLowerCase().includes(words))
    .map((command) => ({ hint: "", ...command, key: command.label }));
  const found: Entry[] = records.map((decision) => ({
    key: decision.id,
    label: decision.title,
    hint: decision.ref,
    decision,
    run: go(() => navigate({ to: "/decisions/$ref", params: { ref: decision.id } })),
  }));
  if (words === "") return [...found.slice(0, 4), ...commands];
  const further: Entry[] = [
    {
      key: "search",
      label: t.searchFor(typed.trim()),
      hint: "",
      icon: "find",
      run: go(() => navigate({ to: "/search", search: { q: typed.trim() } })),
    },
    {
      key: "ask",
      label: t.askFor(typed.trim()),
      hint: "",
      icon: "ask",
      run: go(() => navigate({ to: "/ask", search: { q: typed.trim() } })),
    },
  ];
  // Whoever types how an action begins means it; a record that only holds the words comes after.
  const begins = (entry: Entry) => entry.label.toLowerCase().startsWith(words);
  return [
    ...commands.filter(begins),
    ...found,
    ...commands.filter((command) => !begins(command)),
    ...further,
  ];
}

/** Go anywhere by typing. The input keeps the focus; the arrows choose; Enter goes. */
export function Palette(props: PaletteProps): JSX.Element {
  const { onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  // The page stays as it is while the palette lies over it.
  const [actions] = useState(pageActions);
  const entries = useEntries(typed, actions, props);
  // The field comes first: what can be chosen is drawn when it stands, and when there is time between letters.
  const drawn = useDeferredValue(entries, NONE_YET);
  const active = Math.min(chosen, entries.length - 1);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  useEffect(() => {
    document.getElementById(`palette-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active, drawn]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((active + step + entries.length) % entries.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      entries[active]?.run();
    }
  };
  return (
    <dialog ref={dialog} className="palette pop" aria-label={t.goTo} onClose={onClose}>
      <div className="line">
        <Icon name="find" />
        <input
          // The palette is opened to type in it.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries.length > 0 ? `palette-${active}` : undefined}
          aria-label={t.find}
          placeholder={t.find}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div className="list" id="palette-list" role="listbox" aria-label={t.results}>
        {drawn.map((entry, index) => (
          // The list is driven from the input, as a combobox is.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={entry.key}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onClick={entry.run}
            onMouseMove={() => setChosen(index)}
          >
            {entry.decision ? <Stone status={entry.decision.status} /> : <Icon name={entry.icon ?? "log"} />}
            <span className="trunc">{entry.label}</span>
            <span className="id">{entry.hint}</span>
          </div>
        ))}
      </div>
    </dialog>
  );
}
