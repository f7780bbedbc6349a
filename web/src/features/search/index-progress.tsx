import { type JSX, useEffect, useState } from "react";

import { useClients } from "@/api/clients";
import type { IndexTotals } from "@/api/gen/cairn/search/v1/search_pb";
import { SearchService } from "@/api/gen/cairn/search/v1/search_pb";

import { t } from "./texts/index-state";

const RETRY_MS = 3_000;

/** How many decisions can be found already; gone once all can. */
export function IndexProgress(): JSX.Element | null {
  const clients = useClients();
  const [totals, setTotals] = useState<IndexTotals>();
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = async () => {
      try {
        for await (const { event } of clients(SearchService).watchIndexState({}, { signal: abort.signal })) {
          if (event.case === "totals") setTotals(event.value);
        }
      } catch {
        // Live progress is a convenience: when the stream is cut, it is begun again while the page is open.
        if (!abort.signal.aborted) timer = setTimeout(() => void follow(), RETRY_MS);
      }
    };
    void follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [clients]);
  if (totals === undefined || (totals.wordsCurrent >= totals.decisions && totals.meaningCurrent >= totals.decisions))
    return null;
  return (
    <div className="grid max-w-[34rem] gap-1 pb-4 text-13">
      <p className="sub num" role="status">
        {t.progress(totals.wordsCurrent, totals.meaningCurrent, totals.decisions)}
      </p>
      <progress
        className="bar-progress"
        max={totals.decisions}
        value={totals.meaningCurrent}
        aria-label={t.byMeaning}
      />
    </div>
  );
}
