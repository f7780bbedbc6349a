import { useCallback, useMemo, useState } from "react";

export interface Selection {
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  /** All of these, or none where all of them are chosen. */
  toggleAll: (ids: readonly string[]) => void;
  clear: () => void;
  ids: readonly string[];
}

/** Which rows are chosen; what leaves the list leaves the selection. */
export function useSelection(listed: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => listed.filter((id) => chosen.has(id)), [listed, chosen]);
  const toggle = useCallback((id: string) => {
    setChosen((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const toggleAll = useCallback((all: readonly string[]) => {
    setChosen((old) => (all.every((id) => old.has(id)) ? new Set() : new Set(all)));
  }, []);
  const clear = useCallback(() => setChosen(new Set()), []);
  return useMemo(
    () => ({ has: (id) => chosen.has(id), toggle, toggleAll, clear, ids }),
    [chosen, toggle, toggleAll, clear, ids],
  );
}
