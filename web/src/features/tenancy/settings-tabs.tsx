import "./settings.css";

import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { t } from "./texts/settings";

/** The way from one page of settings to the others. */
export function SettingsTabs(): JSX.Element {
  return (
    <nav className="settings-tabs" aria-label={t.sections}>
      <Link to="/settings" activeOptions={{ exact: true }}>
        {t.overview}
      </Link>
      <Link to="/settings/people">{t.people}</Link>
      <Link to="/settings/tokens">{t.tokens}</Link>
      <Link to="/settings/models">{t.models}</Link>
      <Link to="/settings/spending">{t.spending}</Link>
      <Link to="/settings/jobs">{t.jobs}</Link>
    </nav>
  );
}
