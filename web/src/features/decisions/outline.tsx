import { type JSX, useEffect, useState } from "react";

import type { OutlineEntry } from "@/text/finish";
import { classes } from "@/ui/classes";

import { t } from "./texts/record";

const DEEPEST = 3;
const READING_LINE_PX = 120;

/** The heading that the reader has reached last. */
function useReached(outline: readonly OutlineEntry[]): string | undefined {
  const [reached, setReached] = useState<string>();
  useEffect(() => {
    let asked = false;
    const look = () => {
      asked = false;
      const passed = outline.filter(({ id }) => {
        const heading = document.getElementById(id);
        return heading !== null && heading.getBoundingClientRect().top < READING_LINE_PX;
      });
      setReached(passed.at(-1)?.id ?? outline[0]?.id);
    };
    const onScroll = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(look);
    };
    look();
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, [outline]);
  return reached;
}

/** The headings of a record; the one being read is marked. */
export function Outline({ outline }: { outline: OutlineEntry[] }): JSX.Element {
  const entries = outline.filter((entry) => entry.level <= DEEPEST);
  const reached = useReached(outline);
  return (
    <nav className="toc" aria-label={t.onThisPage}>
      {entries.length > 1 && (
        <>
          <h2>{t.onThisPage}</h2>
          {entries.map(({ id, text, level }) => (
            <a
              key={id}
              href={`#${id}`}
              className={classes(level > 2 && "l2")}
              aria-current={id === reached ? "true" : undefined}
            >
              {text}
            </a>
          ))}
        </>
      )}
    </nav>
  );
}
