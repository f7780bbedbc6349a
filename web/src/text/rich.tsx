import { Fragment, type JSX, type ReactNode } from "react";

/**
 * A sentence with parts that are more than words. `rich("See <a>the inbox</a>.", { a: (words) => <Link>{words}</Link> })`.
 * Tags do not nest; the words of one without a maker stay.
 */
export function rich(sentence: string, makers: Record<string, (words: string) => ReactNode>): JSX.Element {
  const pieces = sentence.split(/<(\w+)>(.*?)<\/\1>/u);
  return (
    <>
      {pieces.map((piece, index) => {
        if (index % 3 === 1) return null;
        const tag = index % 3 === 2 ? pieces[index - 1] : undefined;
        // The sentence is fixed, so its pieces never change places.
        return <Fragment key={index}>{tag === undefined ? piece : (makers[tag]?.(piece) ?? piece)}</Fragment>;
      })}
    </>
  );
}
