import { Link, type LinkProps } from "@tanstack/react-router";
import { createContext, Fragment, type JSX, type ReactNode, useContext, useEffect, useRef } from "react";

import { classes } from "./classes";
import { Icon, Logo } from "./icons";
import { t } from "./texts";

/** Opens the command palette; the shell provides it. */
export const PaletteContext = createContext<() => void>(() => undefined);

export const MODIFIER = /mac|iphone|ipad/iu.test(navigator.userAgent) ? "⌘" : "Ctrl ";

export interface Crumb {
  label: string;
  link?: LinkProps;
}

interface PageProps {
  /** The name of the page in the browser's tab and, where `heading` is set, for assistive tools. */
  title: string;
  /** Where it stands; the last one is the page itself. */
  crumbs: Crumb[];
  actions?: ReactNode;
  /** Set where the page shows no heading of its own. */
  heading?: string;
  children: ReactNode;
}

/** The bar and the main part of a page. */
export function Page({ title, crumbs, actions, heading, children }: PageProps): JSX.Element {
  const openPalette = useContext(PaletteContext);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${title} · Cairn`;
  }, [title]);
  useEffect(() => {
    // A new page takes the focus, so that the keyboard and screen readers begin where reading begins.
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <header className="bar">
        <Link to="/" className="narrow-only" aria-label={t.home}>
          <Logo />
        </Link>
        <nav className="crumbs" aria-label={t.whereYouAre}>
          {crumbs.map((crumb, index) => {
            const last = index === crumbs.length - 1;
            return (
              <Fragment key={crumb.label}>
                {crumb.link && !last ? (
                  <Link {...crumb.link} className="wide-only hover:text-ink">
                    {crumb.label}
                  </Link>
                ) : (
                  <span className={classes(!last && "wide-only")} aria-current={last ? "page" : undefined}>
                    {crumb.label}
                  </span>
                )}
                {!last && <span className="sep wide-only">/</span>}
              </Fragment>
            );
          })}
        </nav>
        {actions}
        <button type="button" className="find wide-only" onClick={openPalette}>
          <Icon name="find" />
          {t.find}
          <kbd>{MODIFIER}K</kbd>
        </button>
        <button type="button" className="btn ghost icon narrow-only" aria-label={t.find} onClick={openPalette}>
          <Icon name="find" />
        </button>
      </header>
      <main id="main" ref={main} tabIndex={-1} className="outline-none">
        {heading !== undefined && <h1 className="sr">{heading}</h1>}
        {children}
      </main>
    </>
  );
}
