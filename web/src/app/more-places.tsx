import { Link } from "@tanstack/react-router";
import { type JSX, useEffect, useRef } from "react";

import { InboxCount } from "@/features/decisions/inbox-count";
import { Icon } from "@/ui/icons";

import { ON_PHONE, PLACES } from "./places";
import { t } from "./texts/shell";

/** What stands in the rail and has no room at the foot of a phone. */
export function MorePlaces({ onClose }: { onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    // A tap beside the sheet closes it, as Escape does.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className="sheet"
      aria-label={t.more}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <nav aria-label={t.more}>
        {PLACES.slice(ON_PHONE).map((place) => (
          <Link key={place.to} to={place.to} onClick={onClose}>
            <Icon name={place.icon} size={20} />
            {t[place.name]}
            {place.to === "/inbox" && <InboxCount />}
          </Link>
        ))}
      </nav>
    </dialog>
  );
}
