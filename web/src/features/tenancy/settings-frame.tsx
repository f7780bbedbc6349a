import type { JSX, ReactNode } from "react";

import { Page } from "@/ui/page";

import { SettingsTabs } from "./settings-tabs";
import { t } from "./texts/settings";

interface FrameProps {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** What every page of settings stands in: where one is, and the way to the others. */
export function SettingsFrame({ title, actions, children }: FrameProps): JSX.Element {
  return (
    <Page
      title={title}
      heading={title}
      crumbs={[{ label: t.settings, link: { to: "/settings" } }, { label: title }]}
      actions={actions}
    >
      <div className="settings">
        <SettingsTabs />
        {children}
      </div>
    </Page>
  );
}
