import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";

import { t } from "./texts/log-empty";

/** What to do with a Cairn or a log that holds nothing yet. */
export function NoDecisions(): JSX.Element {
  return (
    <Empty
      title={t.none}
      actions={
        <>
          <Link to="/import" className={buttonClass("primary")}>
            {t.importFolder}
          </Link>
          <Link to="/decisions/new" className={buttonClass()}>
            {t.writeOne}
          </Link>
        </>
      }
    >
      {t.noneWhy}
    </Empty>
  );
}
