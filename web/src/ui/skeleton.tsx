import { type JSX, useEffect, useState } from "react";

import { t } from "./texts";

const APPEARS_AFTER_MS = 150;

/** True once `waiting` has lasted long enough to be noticed. */
export function useSlow(waiting: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) return undefined;
    const timer = setTimeout(() => setSlow(true), APPEARS_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [waiting]);
  return waiting && slow;
}

const WIDTHS = ["52%", "38%", "61%", "45%", "57%", "33%", "48%", "64%"];

/** Rows in the grid of a list, still; nothing at all in the first 150 ms. */
export function SkeletonRows({ count = 8 }: { count?: number }): JSX.Element {
  const slow = useSlow(true);
  if (!slow) return <div aria-busy="true" />;
  return (
    <div className="grid gap-[1.125rem] p-4 wide:px-6" aria-busy="true">
      <span className="sr" role="status">
        {t.loading}
      </span>
      {WIDTHS.slice(0, count).map((width) => (
        <div key={width} className="grid grid-cols-[16px_4.5rem_1fr] items-center gap-3">
          <span className="skel rounded-full" />
          <span className="skel" />
          <span className="skel" style={{ width }} />
        </div>
      ))}
    </div>
  );
}

/** A page of text to come. */
export function SkeletonText(): JSX.Element {
  const slow = useSlow(true);
  if (!slow) return <div aria-busy="true" />;
  return (
    <div className="grid max-w-[41rem] gap-3" aria-busy="true">
      <span className="sr" role="status">
        {t.loading}
      </span>
      <span className="skel h-8 w-3/4" />
      {WIDTHS.map((width) => (
        <span key={width} className="skel" style={{ width: `calc(${width} + 30%)` }} />
      ))}
    </div>
  );
}
