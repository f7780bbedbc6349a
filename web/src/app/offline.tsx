import type { JSX } from "react";

import { Note } from "@/ui/note";

import { useOnline } from "./online";
import { t } from "./texts/offline";

/** Said while the browser has no network: what is written is kept. It loads before, since it could not then. */
export function Offline(): JSX.Element | null {
  if (useOnline()) return null;
  return (
    <div className="offline">
      <Note tone="caution" title={t.offline}>
        {t.kept}
      </Note>
    </div>
  );
}
