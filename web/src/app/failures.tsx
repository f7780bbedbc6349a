import type { JSX } from "react";

import { Button } from "@/ui/button";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";

import { t } from "./texts/shell";

/** A page that failed in its own code: what was typed is kept in drafts, a reload begins anew. */
export function Crashed({ error }: { error: unknown }): JSX.Element {
  return (
    <Page title={t.broke} crumbs={[{ label: t.broke }]} heading={t.broke}>
      <div className="grid max-w-[54rem] gap-3 p-4 wide:p-9">
        <Failure title={t.brokeWhy} error={error} />
        <div>
          <Button onClick={() => location.reload()}>{t.loadAgain}</Button>
        </div>
      </div>
    </Page>
  );
}
