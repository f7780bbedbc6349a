import { Link } from "@tanstack/react-router";
import type { JSX, Ref } from "react";

import type { Citation } from "@/api/gen/cairn/chat/v1/chat_pb";
import { holdsQuote, PassageQuote } from "@/features/search/passage-quote";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icons";
import { Stone } from "@/ui/stone";

import { t as answers } from "./texts/answers";
import { t } from "./texts/conversations";

interface SourceCardProps {
  citation: Citation;
  quoted: string;
  style: React.CSSProperties;
  ref: Ref<HTMLDivElement>;
  onClose: () => void;
}

/** The passage behind a citation: status, the words, the place; a card by the marker, a sheet on phones. */
export function SourceCard({ citation, quoted, style, ref, onClose }: SourceCardProps): JSX.Element | null {
  const { decision, passage } = citation;
  if (!decision) return null;
  return (
    <div className="hov pop" role="dialog" aria-label={answers.source(citation.number)} style={style} ref={ref}>
      <header>
        <Stone status={decision.status} />
        <span className="trunc med" title={decision.title}>
          {decision.title}
        </span>
        <span className="id">{decision.ref}</span>
      </header>
      {decision.successor && (
        <span className="notice">{answers.successor(decision.successor.ref, decision.successor.title)}</span>
      )}
      {citation.gone ? (
        <p className="sub">{t.gone}</p>
      ) : (
        passage && <PassageQuote passage={passage} quoted={quoted} />
      )}
      <footer>
        {passage && holdsQuote(passage, quoted) && (
          <span className="verb">
            <Icon name="check" size={14} />
            {answers.exact}
          </span>
        )}
        <span>{passage && passage.headingPath.length > 0 ? passage.headingPath.join(" / ") : answers.beginning}</span>
        {passage && <span className="num">{answers.version(passage.version)}</span>}
        <Link
          to="/decisions/$ref"
          params={{ ref: decision.id }}
          {...(passage && passage.anchor !== "" && { hash: passage.anchor })}
          className="link"
        >
          {answers.openPassage}
        </Link>
        <span className="narrow-only">
          <IconButton label={answers.close} onClick={onClose}>
            <Icon name="close" />
          </IconButton>
        </span>
      </footer>
    </div>
  );
}
