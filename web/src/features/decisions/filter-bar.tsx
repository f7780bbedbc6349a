import { type JSX, useEffect, useLayoutEffect, useRef, useState } from "react";

import { number } from "@/text/language";
import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";

import type { SORTS } from "./filters";
import { t } from "./texts/log";

const SETTLES_MS = 150;

/** Words that titles or numbers must contain; `/` goes there from anywhere on the page. */
export function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // The address changed from elsewhere: a view, the back button.
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onChange(typed.trim()), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className="find grow tags:grow-0">
      <Icon name="find" />
      <input
        ref={input}
        type="search"
        aria-label={t.filterByText}
        placeholder={t.titleOrNumber}
        className="min-w-0 grow bg-transparent text-ink outline-none placeholder:text-ink-3"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            setTyped("");
            event.currentTarget.blur();
          }
        }}
      />
      <kbd className="wide-only">/</kbd>
    </div>
  );
}

interface FilterChipProps {
  field: string;
  value: string;
  count: number;
  onRemove: () => void;
}

/** Field, test, value, remove. */
export function FilterChip({ field, value, count, onRemove }: FilterChipProps): JSX.Element {
  return (
    <span className="chip">
      <span className="k">{field}</span>
      <span className="v" title={value}>
        {count > 2 ? t.chosen(number(count)) : value}
      </span>
      <button type="button" className="x" aria-label={t.removeFilter(field)} onClick={onRemove}>
        ×
      </button>
    </span>
  );
}

type Sort = (typeof SORTS)[number];

interface SortMenuProps {
  sorts: readonly Sort[];
  current: Sort;
  onChange: (key: Sort["key"]) => void;
}

export function SortMenu({ sorts, current, onChange }: SortMenuProps): JSX.Element {
  return (
    <Pick
      label={t.sortBy}
      shown={t.sort(t.sorts[current.key])}
      value={current.key}
      options={sorts.map((sort) => ({ value: sort.key, label: t.sorts[sort.key] }))}
      onChange={(key) => {
        const chosen = sorts.find((sort) => sort.key === key);
        if (chosen) onChange(chosen.key);
      }}
    />
  );
}
