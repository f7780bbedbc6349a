import type { JSX, ReactNode } from "react";

import { languageOf, messageOf } from "@/api/errors";

import { Button } from "./button";
import { Icon } from "./icons";
import { t } from "./texts";

interface NoteProps {
  tone: "caution" | "danger";
  /** What happened, or did not. */
  title: ReactNode;
  /** What is kept, and the next step. */
  children?: ReactNode;
  action?: ReactNode;
}

/** Icon, what happened, what is kept, one action. Errors use the triangle, never a stone. */
export function Note({ tone, title, children, action }: NoteProps): JSX.Element {
  return (
    <div className={`note ${tone}`} role={tone === "danger" ? "alert" : "status"}>
      <Icon name="warn" />
      <div className="min-w-0 flex-1">
        <span className="med">{title}</span> <span className="sub">{children}</span> {action}
      </div>
    </div>
  );
}

interface FailureProps {
  /** What did not happen, as a sentence: "The decisions could not be read." */
  title: string;
  error: unknown;
  onRetry?: () => void;
}

/** A read that failed. */
export function Failure({ title, error, onRetry }: FailureProps): JSX.Element {
  return (
    <Note
      tone="danger"
      title={title}
      action={
        onRetry && (
          <Button look="ghost" className="mt-2 -ml-2 flex" onClick={onRetry}>
            {t.tryAgain}
          </Button>
        )
      }
    >
      <span lang={languageOf(error)}>{messageOf(error)}</span>
    </Note>
  );
}
