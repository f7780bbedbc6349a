import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { Stone } from "@/ui/stone";

import { relatedQuery } from "./queries";
import { t } from "./texts/index-state";

/** Records that say something like this one, linked or not. Without an index there is nothing to say. */
export function Related({ decisionId }: { decisionId: string }): JSX.Element | null {
  const clients = useClients();
  const related = useQuery(relatedQuery(clients, decisionId)).data?.related ?? [];
  // What is linked stands above already.
  const shown = related.filter((one) => !one.linked || one.nearDuplicate);
  if (shown.length === 0) return null;
  return (
    <section>
      <h2>{t.related}</h2>
      <ul>
        {shown.map(({ decision, nearDuplicate }) =>
          decision ? (
            <li key={decision.id} className="bk">
              <Stone status={decision.status} />
              <div>
                <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
                  {decision.title}
                </Link>
                <span className="rel">
                  <span className="mono">{decision.ref}</span>
                  {nearDuplicate && ` ${t.nearDuplicate}`}
                </span>
              </div>
            </li>
          ) : null,
        )}
      </ul>
    </section>
  );
}
