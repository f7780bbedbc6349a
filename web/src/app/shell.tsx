import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { type JSX, type ReactNode, Suspense, useCallback, useEffect, useState } from "react";

import { useClients } from "@/api/clients";
import { logsQuery } from "@/features/decisions/queries";
import { sessionQuery } from "@/features/tenancy/queries";
import { number } from "@/text/language";
import { lazyPart } from "@/text/lazy";
import { IconButton } from "@/ui/button";
import { Icon, type IconName, Logo } from "@/ui/icons";
import { Avatar } from "@/ui/marks";
import { PaletteContext } from "@/ui/page";
import { ToastProvider } from "@/ui/toast";

import { ON_PHONE, type Place, PLACES } from "./places";
import { useSessionEnded } from "./session-end";
import { useShortcuts } from "./shortcuts";
import { t } from "./texts/shell";
import { setTheme, type Theme, useTheme } from "./theme";

const Palette = lazyPart(async () => (await import("./palette")).Palette);

const KeysDialog = lazyPart(async () => (await import("./keys-dialog")).KeysDialog);
const Awake = lazyPart(async () => (await import("./awake")).Awake);
const InboxCount = lazyPart(async () => (await import("./awake")).InboxCount);
const SessionEnded = lazyPart(async () => (await import("./session-ended")).SessionEnded);
const MorePlaces = lazyPart(async () => (await import("./more-places")).MorePlaces);

function PlaceLink({
  place,
  size,
  children,
}: {
  place: Place;
  size: number;
  children?: ReactNode;
}): JSX.Element {
  return (
    <Link to={place.to} activeOptions={{ exact: place.to === "/", includeSearch: false }}>
      <Icon name={place.icon} size={size} />
      {t[place.name]}
      {children}
    </Link>
  );
}

const NEXT_THEME: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const THEME_ICON: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

export function ThemeSwitch(): JSX.Element {
  const theme = useTheme();
  return (
    <IconButton label={t.theme[theme]} className="ml-auto" onClick={() => setTheme(NEXT_THEME[theme])}>
      <Icon name={THEME_ICON[theme]} />
    </IconButton>
  );
}

function Rail({ awake }: { awake: boolean }): JSX.Element {
  const clients = useClients();
  const session = useQuery(sessionQuery(clients)).data;
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const total = logs.reduce((sum, log) => sum + log.decisionCount, 0);
  return (
    <aside className="rail" aria-label={t.workspace}>
      <div className="brand">
        <Logo />
        Cairn<span className="ws trunc">{session?.organisationName}</span>
      </div>
      <nav className="nav" aria-label={t.main}>
        <ul>
          {PLACES.map((place) => (
            <li key={place.to}>
              <PlaceLink place={place} size={16}>
                {place.to === "/decisions" && logs.length > 0 && (
                  <span className="n">{number(total)}</span>
                )}
                {place.to === "/inbox" && awake && (
                  <Suspense>
                    <InboxCount />
                  </Suspense>
                )}
              </PlaceLink>
            </li>
          ))}
        </ul>
      </nav>
      {logs.length > 0 && (
        <nav className="nav" aria-label={t.logs}>
          <h2>{t.logs}</h2>
          <ul>
            {logs.map((log) => (
              <li key={log.id}>
                <Link to="/decisions" search={{ log: log.slug }} activeOptions={{ includeSearch: true }}>
                  <Icon name="folder" />
                  <span className="trunc">{log.name}</span>
                  <span className="n">{number(log.decisionCount)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <div className="foot">
        <Avatar name={session?.personName ?? ""} />
        <span className="trunc">{session?.personName}</span>
        <ThemeSwitch />
      </div>
    </aside>
  );
}

/** True once somebody moves: what answers to a pointer or to keys need not come before. */
function useAwake(): boolean {
  const [awake, setAwake] = useState(false);
  useEffect(() => {
    const wake = () => setAwake(true);
    addEventListener("pointermove", wake, { once: true });
    addEventListener("keydown", wake, { once: true });
    return () => {
      removeEventListener("pointermove", wake);
      removeEventListener("keydown", wake);
    };
  }, []);
  return awake;
}

type Opened = "palette" | "keys" | "more";

/** The frame of every page: rail or bottom tabs, the command palette, messages. */
export function Shell(): JSX.Element {
  const [open, setOpen] = useState<Opened | null>(null);
  const openPalette = useCallback(() => setOpen("palette"), []);
  const openKeys = useCallback(() => setOpen("keys"), []);
  // A dialog tells a moment after Escape that it is shut, and the next key may have opened another by then.
  const close = (name: Opened) => setOpen((now) => (now === name ? null : now));
  useShortcuts(openPalette, openKeys);
  const awake = useAwake();
  const ended = useSessionEnded();
  return (
    <PaletteContext value={openPalette}>
      <ToastProvider>
        <a className="skip" href="#main">
          {t.skip}
        </a>
        <div className="app">
          <Rail awake={awake} />
          <div className="main">
            <Outlet />
          </div>
          <nav className="tabs-bottom" aria-label={t.main}>
            {PLACES.slice(0, ON_PHONE).map((place) => (
              <PlaceLink key={place.to} place={place} size={20} />
            ))}
            <button type="button" aria-haspopup="dialog" onClick={() => setOpen("more")}>
              <Icon name="more" size={20} />
              {t.more}
            </button>
          </nav>
        </div>
        {/* Each waits for its own code: what stands already must not go while another comes. */}
        <Suspense>{awake && <Awake />}</Suspense>
        <Suspense>{ended && <SessionEnded />}</Suspense>
        <Suspense>
          {open === "palette" && <Palette onKeys={openKeys} onClose={() => close("palette")} />}
          {open === "keys" && <KeysDialog onClose={() => close("keys")} />}
          {open === "more" && <MorePlaces onClose={() => close("more")} />}
        </Suspense>
      </ToastProvider>
    </PaletteContext>
  );
}
