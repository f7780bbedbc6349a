import type { JSX, ReactNode } from "react";

/** A person: initials on a stone, the name beside it. */
export function Avatar({ name, large = false }: { name: string; large?: boolean }): JSX.Element {
  const words = name.split(/[\s@._-]+/u).filter((word) => word !== "");
  const first = words[0] ?? "?";
  const last = words.length > 1 ? (words.at(-1) ?? "") : first.slice(1);
  return (
    <span className={large ? "av lg" : "av"} aria-hidden="true">
      {(first.charAt(0) + last.charAt(0)).toUpperCase()}
    </span>
  );
}

export function Tag({ children }: { children: ReactNode }): JSX.Element {
  return <span className="tag">{children}</span>;
}

/** The first six characters of a version's content hash; the whole hash on request of the pointer. */
export function Hash({ value, old = false }: { value: string; old?: boolean }): JSX.Element {
  return (
    <span className={old ? "hash old" : "hash"} title={value}>
      {value.slice(0, 6)}
    </span>
  );
}

/** A heading with a hairline and, at its end, a count or a link. */
export function SectionHead({ title, children }: { title: ReactNode; children?: ReactNode }): JSX.Element {
  return (
    <div className="sec">
      <h2>{title}</h2>
      {children !== undefined && <span className="end">{children}</span>}
    </div>
  );
}
