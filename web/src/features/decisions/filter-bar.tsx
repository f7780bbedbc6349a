import { type JSX, useEffect, useRef, useState } from "react";

import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";

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
  useEffect(() => {
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
        aria-label="Filter by title or number"
        placeholder="Title or number"
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
        {count > 2 ? `${count} chosen` : value}
      </span>
      <button type="button" className="x" aria-label={`Remove the filter by ${field.toLowerCase()}`} onClick={onRemove}>
        ×
      </button>
    </span>
  );
}

interface SortMenuProps<Key extends string> {
  sorts: readonly { key: Key; label: string }[];
  current: { key: Key; label: string };
  onChange: (key: Key) => void;
}

export function SortMenu<Key extends string>({ sorts, current, onChange }: SortMenuProps<Key>): JSX.Element {
  return (
    <Pick
      label="Sort by"
      shown={`Sort: ${current.label}`}
      value={current.key}
      options={sorts.map((sort) => ({ value: sort.key, label: sort.label }))}
      onChange={(key) => {
        const chosen = sorts.find((sort) => sort.key === key);
        if (chosen) onChange(chosen.key);
      }}
    />
  );
}
