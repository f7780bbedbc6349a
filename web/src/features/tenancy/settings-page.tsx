import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { setTheme, type Theme, useTheme } from "@/app/theme";
import { logsQuery } from "@/features/decisions/queries";
import { type Language, language, LANGUAGES, setLanguage } from "@/text/language";
import { Segmented, SelectField } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { SkeletonRows } from "@/ui/skeleton";

import { sessionQuery } from "./queries";
import { SettingsFrame } from "./settings-frame";
import { t } from "./texts/settings";

const THEMES: Theme[] = ["system", "light", "dark"];

/** How the pages look to me, and the way to the settings of each log. */
export function SettingsPage(): JSX.Element {
  const clients = useClients();
  const theme = useTheme();
  const session = useQuery(sessionQuery(clients)).data;
  const logs = useQuery(logsQuery(clients));
  return (
    <SettingsFrame title={t.overview}>
      <section>
        <SectionHead title={t.you} />
        <div className="form pt-4">
          <div className="grid gap-1">
            <span className="label">{t.theme}</span>
            <Segmented
              label={t.theme}
              value={theme}
              options={THEMES.map((value) => ({ value, label: t.themes[value] }))}
              onChange={setTheme}
            />
          </div>
          <SelectField
            label={t.language}
            hint={t.languageHint}
            className="max-w-60"
            value={language}
            options={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            onChange={(chosen) => setLanguage(chosen as Language)}
          />
        </div>
      </section>
      <section>
        <SectionHead title={t.logs} />
        {logs.isPending && <SkeletonRows count={3} />}
        {logs.isError && <Failure title={t.logsUnread} error={logs.error} onRetry={() => void logs.refetch()} />}
        <ul>
          {logs.data?.logs.map((log) => (
            <li key={log.id} className="setting-row">
              <Link to="/logs/$slug" params={{ slug: log.slug }} className="med hover:text-accent">
                {log.name}
              </Link>
              <span className="sub text-13">{t.decisions(log.decisionCount)}</span>
            </li>
          ))}
        </ul>
      </section>
      {session && (
        <section>
          <SectionHead title={t.organisation} />
          <p className="sub pt-3">{t.runs(session.organisationName, session.cairnVersion)}</p>
        </section>
      )}
    </SettingsFrame>
  );
}
