import { type Query, useQueryClient } from "@tanstack/react-query";
import { type JSX, useEffect, useState } from "react";

import { isUnauthenticated } from "@/api/errors";
import { Button } from "@/ui/button";
import { Note } from "@/ui/note";

import { useOnline } from "./online";
import { t } from "./texts/session-ended";

/** Said when Cairn no longer knows who asks. The page stays as it is, so that nothing that was typed is lost. */
export function SessionEnded(): JSX.Element | null {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState(false);
  const online = useOnline();
  // It goes by itself once anything is answered again; what was refused before is then read again.
  useEffect(
    () => () => {
      const refused = { type: "active", predicate: (query: Query) => isUnauthenticated(query.state.error) } as const;
      void queryClient.refetchQueries(refused, { cancelRefetch: false });
    },
    [queryClient],
  );
  const tryAgain = () => {
    setBusy(true);
    // What is still under way was asked by the session that has ended, and would be waited for.
    void queryClient
      .cancelQueries()
      .then(() => queryClient.refetchQueries({ type: "active" }))
      .finally(() => setBusy(false));
  };
  // Without a network nobody can tell.
  if (!online) return null;
  return (
    <div className="offline">
      <Note
        tone="caution"
        title={t.ended}
        action={
          <Button className="mt-2 flex" busy={busy} onClick={tryAgain}>
            {t.tryAgain}
          </Button>
        }
      >
        {t.kept}
      </Note>
    </div>
  );
}
