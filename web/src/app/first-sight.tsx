import type { JSX } from "react";
import { renderToStaticMarkup } from "react-dom/server";

import { Icon, Logo } from "@/ui/icons";

import { ON_PHONE, type Place, PLACES } from "./places";
import { t as here } from "./texts/first-sight";
import { texts as germanHere } from "./texts/first-sight.de";
import { t } from "./texts/shell";
import { texts as german } from "./texts/shell.de";

function PlaceLink({ place, size }: { place: Place; size: number }): JSX.Element {
  return (
    <a href={place.to}>
      <Icon name={place.icon} size={size} />
      <span data-de={german[place.name]}>{t[place.name]}</span>
    </a>
  );
}

/**
 * The frame as it stands in index.html, until the code is there and draws the same again: drawn by the build, so it holds
 * the words of each language, and its links lead on as they are.
 */
function FirstSight(): JSX.Element {
  return (
    <div className="app" aria-busy="true">
      <aside className="rail">
        <div className="brand">
          <Logo />
          Cairn
        </div>
        <nav className="nav">
          <ul>
            {PLACES.map((place) => (
              <li key={place.to}>
                <PlaceLink place={place} size={16} />
              </li>
            ))}
          </ul>
        </nav>
      </aside>
      <div className="main">
        <header className="bar">
          <span className="narrow-only">
            <Logo />
          </span>
        </header>
        {/* build/begin.js shows it when the code does not come. */}
        <p className="sub p-4 wide:p-9" role="alert" hidden data-de={germanHere.unloaded}>
          {here.unloaded}
        </p>
      </div>
      <nav className="tabs-bottom">
        {PLACES.slice(0, ON_PHONE).map((place) => (
          <PlaceLink key={place.to} place={place} size={20} />
        ))}
        <button type="button">
          <Icon name="more" size={20} />
          <span data-de={german.more}>{t.more}</span>
        </button>
      </nav>
    </div>
  );
}

export const FIRST_SIGHT = renderToStaticMarkup(<FirstSight />);
