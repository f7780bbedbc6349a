import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { Button, buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";

export function NotFound(): JSX.Element {
  return (
    <Page title="Not found" crumbs={[{ label: "Not found" }]} heading="Not found">
      <Empty
        title="Nothing stands here"
        actions={
          <Link to="/decisions" className={buttonClass()}>
            All decisions
          </Link>
        }
      >
        The address names no page. The record may have another number now.
      </Empty>
    </Page>
  );
}

/** A page that failed in its own code: what was typed is kept in drafts, a reload begins anew. */
export function Crashed({ error }: { error: unknown }): JSX.Element {
  return (
    <Page title="Something broke" crumbs={[{ label: "Something broke" }]} heading="Something broke">
      <div className="grid max-w-[54rem] gap-3 p-4 wide:p-9">
        <Failure title="This page could not be shown. Drafts are kept." error={error} />
        <div>
          <Button onClick={() => location.reload()}>Load the page again</Button>
        </div>
      </div>
    </Page>
  );
}
