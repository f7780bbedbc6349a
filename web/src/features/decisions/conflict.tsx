import { type JSX, useMemo, useState } from "react";

import { Button } from "@/ui/button";
import { Note } from "@/ui/note";
import { useToast } from "@/ui/toast";
import { dateOf, momentInWords } from "@/ui/time";

import { diffTexts } from "./diff";
import { DiffBlocks } from "./diff-view";
import type { Draft } from "./drafts";
import type { LoadedDecision } from "./queries";

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
    <section className="grid content-start gap-4" aria-label="Conflict">
      <Note
        tone="danger"
        title={`${theirs.authorName || "Somebody"} saved version ${version} ${at ? momentInWords(at) : "while you wrote"}.`}
      >
        Your edit was not saved, and your text is kept in the editor. Merge the two, or bring over what you want to keep,
        then save it as version {version + 1}.
      </Note>
      <div className="flex flex-wrap gap-2">
        <Button look="primary" onClick={onMerge}>
          Merge both
        </Button>
        <Button busy={busy} onClick={onSaveMine}>
          Save mine as version {version + 1}
        </Button>
        <Button
          disabled={taken}
          onClick={() => {
            setTaken(true);
            void navigator.clipboard.writeText(mine.body).then(
              () => {
                toast.show({ message: "Your text is in the clipboard; the editor holds theirs." });
                onTakeTheirs();
              },
              () => {
                setTaken(false);
                toast.show({ message: "The browser refused the clipboard, so your text stays in the editor." });
              },
            );
          }}
        >
          Copy mine, edit theirs
        </Button>
      </div>
      <div>
        <h2 className="label pb-2">From their version {version} to yours</h2>
        <DiffBlocks blocks={diff.blocks} />
      </div>
    </section>
  );
}
