import type { JSX } from "react";

import { Dialog } from "@/ui/dialog";
import { MODIFIER } from "@/ui/page";

import { PLACES } from "./places";
import { t } from "./texts/keys";
import { t as shell } from "./texts/shell";

type Row = readonly [keys: readonly string[], does: string];

function sections(): { title: string; rows: readonly Row[] }[] {
  const modifier = MODIFIER.trim();
  return [
    {
      title: t.everywhere,
      rows: [
        [[modifier, "K"], t.palette],
        [["?"], t.thisList],
        [["C"], t.write],
        [["Esc"], t.escape],
        ...PLACES.map((place): Row => [["G", place.key.toUpperCase()], shell[place.name]]),
      ],
    },
    {
      title: t.inLog,
      rows: [
        [["J", "K"], t.move],
        [["⏎"], t.open],
        [["X"], t.choose],
        [["/"], t.filter],
      ],
    },
    {
      title: t.onBoard,
      rows: [
        [["←", "→", "↑", "↓"], t.moveCards],
        [["M"], t.moveCard],
      ],
    },
    {
      title: t.inGraph,
      rows: [
        [["←", "→", "↑", "↓"], t.moveNodes],
        [["⏎"], t.open],
        [["F"], t.focus],
        [["+", "−", "0"], t.zoom],
      ],
    },
    {
      title: t.inEditor,
      rows: [
        [["[["], t.link],
        [[modifier, "B"], t.bold],
        [[modifier, "I"], t.italic],
        [[modifier, "S"], t.save],
        [["Tab"], t.leaveText],
      ],
    },
    { title: t.inComparison, rows: [[["N"], t.nextChange]] },
  ];
}

/** Every key there is, by where it works. */
export function KeysDialog({ onClose }: { onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t.keys} onClose={onClose}>
      <div className="key-list">
        {sections().map(({ title, rows }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, does]) => (
                <div key={does}>
                  <dt>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
