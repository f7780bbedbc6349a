import { type JSX, useMemo, useState } from "react";

import { Button } from "@/ui/button";
import { Note } from "@/ui/note";
import { useToast } from "@/ui/toast";
import { dateOf, momentInWords } from "@/ui/time";

import { diffTexts } from "./diff";
import { DiffBlocks } from "./diff-view";
import type { Draft } from "./drafts";
import type { LoadedDecision } from "./queries";
import { t } from "./texts/writing";

interface ConflictProps {
  theirs: LoadedDecision;
  mine: Draft;
  busy: boolean;
  onSaveMine: () => void;
  onTakeTheirs: () => void;
  /** Brings both changes together in the editor. */
  onMerge: () => void;
}

/** Somebody saved first: both texts stand here, and the editor stays open on mine. */
export function Conflict({ theirs, mine, busy, onSaveMine, onTakeTheirs, onMerge }: ConflictProps): JSX.Element {
  const toast = useToast();
  const [taken, setTaken] = useState(false);
  const diff = useMemo(
    () => diffTexts(`# ${theirs.summary.title}\n\n${theirs.body}`, `# ${mine.title}\n\n${mine.body}`),
    [theirs, mine.title, mine.body],
  );
  const at = dateOf(theirs.summary.updatedAt);
  const { version } = theirs.summary;
  return (
    <section className="grid content-start gap-4" aria-label={t.conflict}>
      <Note
        tone="danger"
        title={t.savedFirst(theirs.authorName, version, at ? momentInWords(at) : "")}
      >
        {t.savedFirstWhy(version + 1)}
      </Note>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={onMerge}>
          {t.merge}
        </Button>
        <Button busy={busy} onClick={onSaveMine}>
          {t.saveMine(version + 1)}
        </Button>
        <Button
          disabled={taken}
          onClick={() => {
            setTaken(true);
            void navigator.clipboard.writeText(mine.body).then(
              () => {
                toast.show({ message: t.copied });
                onTakeTheirs();
              },
              () => {
                setTaken(false);
                toast.show({ message: t.notCopied });
              },
            );
          }}
        >
          {t.copyMine}
        </Button>
      </div>
      <div>
        <h2 className="label pb-2">{t.fromTheirs(version)}</h2>
        <DiffBlocks blocks={diff.blocks} />
      </div>
    </section>
  );
}
