import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Page } from "@/ui/page";

import { t } from "./texts/not-found";

export function NotFound(): JSX.Element {
  return (
    <Page title={t.notFound} crumbs={[{ label: t.notFound }]} heading={t.notFound}>
      <Empty
        title={t.nothingHere}
        actions={
          <Link to="/decisions" className={buttonClass()}>
            {t.allDecisions}
          </Link>
        }
      >
        {t.nothingHereWhy}
      </Empty>
    </Page>
  );
}
