import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { t } from "./texts/spending";

const LOOK = "border-b-2 border-transparent px-1 pb-2 text-13 text-ink-2 hover:text-ink aria-[current=page]:border-accent";
const HERE = "aria-[current=page]:font-medium aria-[current=page]:text-ink";

/** From the models to what they cost, and back. */
export function SettingsTabs(): JSX.Element {
  return (
    <nav className="flex gap-5 border-b border-line" aria-label={t.settings}>
      <Link to="/settings/models" className={`${LOOK} ${HERE}`}>
        {t.models}
      </Link>
      <Link to="/settings/spending" className={`${LOOK} ${HERE}`}>
        {t.spending}
      </Link>
    </nav>
  );
}
