import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { JSX } from "react";

import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Note } from "@/ui/note";
import { age, dateOf } from "@/ui/time";

import { t } from "../texts/record";
import { RestoreButton } from "./restore-button";

/** Says first that the record is in no list any more, and brings it back. */
export function DeletedNotice({ summary, deletedAt }: { summary: DecisionSummary; deletedAt: Timestamp }): JSX.Element {
  const now = new Date();
  const since = age(dateOf(deletedAt) ?? now, now);
  return (
    <div className="mt-5">
      <Note
        tone="caution"
        title={since === age(now, now) ? t.isDeletedNow : t.isDeleted(since)}
        action={
          <span className="mt-2 flex">
            <RestoreButton decision={summary} />
          </span>
        }
      >
        {t.onlyHere}
      </Note>
    </div>
  );
}
