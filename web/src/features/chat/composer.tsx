import { type JSX, type ReactNode, useRef, useState } from "react";

import { Button } from "@/ui/button";

interface ComposerProps {
  placeholder: string;
  /** What the button says. */
  action: string;
  /** Beside the button: what will be searched, which model answers. */
  note?: ReactNode;
  busy?: boolean;
  onAsk: (question: string) => void;
}

const LONGEST_QUESTION = 4_000;

/** Where a question is written. Enter asks, Shift-Enter begins a new line. */
export function Composer({ placeholder, action, note, busy = false, onAsk }: ComposerProps): JSX.Element {
  const [question, setQuestion] = useState("");
  const input = useRef<HTMLTextAreaElement>(null);
  const words = question.trim();
  const ask = () => {
    if (busy) return;
    if (words === "") {
      input.current?.focus();
      return;
    }
    setQuestion("");
    onAsk(words);
  };
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <textarea
        ref={input}
        className="in"
        rows={1}
        aria-label={placeholder}
        placeholder={placeholder}
        maxLength={LONGEST_QUESTION}
        value={question}
        onChange={(event) => setQuestion(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          ask();
        }}
      />
      <div className="ft">
        <span className="flex min-w-0 flex-wrap items-center gap-x-2">{note}</span>
        <Button type="submit" look={busy ? "plain" : "primary"} disabled={busy}>
          {action}
          <kbd className="wide-only border-current! bg-transparent! text-inherit! opacity-85">⏎</kbd>
        </Button>
      </div>
    </form>
  );
}
