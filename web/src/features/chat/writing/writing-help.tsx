import "./writing.css";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type JSX, useEffect, useRef, useState } from "react";

import { useClients } from "@/api/clients";
import { Revision, WritingService } from "@/api/gen/cairn/chat/v1/writing_pb";
import { DiffBlocks } from "@/features/decisions/diff-view";
import { diffTexts } from "@/features/decisions/diff";
import { Button } from "@/ui/button";
import { Field, SelectField, TextField } from "@/ui/field";
import { Note } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { t } from "../texts/writing";
import { RecordLine, Sweep } from "./sweep";
import { changedParagraph, sectionsOf, splitTitle, withSection } from "./sections";
import { useModel } from "./use-model";
import { useSuggestion } from "./use-suggestion";

const SETTLES_MS = 350;
const LONGEST_TEXT = 60_000;

export interface WritingHelpProps {
  title: string;
  body: string;
  /** Empty for a record that is not stored yet. */
  decisionId: string;
  /** What the draft is to be about, when one came here from a question. */
  about?: string;
  onTitle: (title: string) => void;
  onBody: (body: string) => void;
}

/** What was written last, once the writer pauses. */
function useSettledParagraph(body: string): string {
  const [settled, setSettled] = useState("");
  const before = useRef(body);
  useEffect(() => {
    if (body === before.current) return undefined;
    const timer = setTimeout(() => {
      setSettled(changedParagraph(before.current, body));
      before.current = body;
    }, SETTLES_MS);
    return () => clearTimeout(timer);
  }, [body]);
  return settled;
}

function Recalled({ body, decisionId }: { body: string; decisionId: string }): JSX.Element | null {
  const clients = useClients();
  const text = useSettledParagraph(body);
  const { data } = useQuery({
    queryKey: ["recalled", decisionId, text],
    queryFn: ({ signal }) => clients(WritingService).recall({ text, decisionId }, { signal }),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
  const recalled = data?.recalled ?? [];
  if (recalled.length === 0) return null;
  return (
    <section aria-live="polite">
      <h2>{t.recalled}</h2>
      <ul>
        {recalled.map(({ decision }) => decision && <RecordLine key={decision.id} decision={decision} />)}
      </ul>
    </section>
  );
}

function Drafting({ body, decisionId, about = "", model, onTitle, onBody }: WritingHelpProps & { model: string }) {
  const clients = useClients();
  const [text, setText] = useState(about);
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(new Set());
  const { suggestion, begin, stop, discard } = useSuggestion();
  const template = useRef("");
  const { title, body: drafted } = splitTitle(suggestion?.text ?? "");
  const sections = sectionsOf(drafted);
  const take = (name: string) => setAccepted((before) => new Set(before).add(name));
  const start = () => {
    template.current = body;
    setAccepted(new Set());
    void begin((signal) =>
      clients(WritingService).draft({ text, decisionId, model, templateBody: template.current }, { signal }),
    );
  };
  return (
    <details open={about !== ""}>
      <summary>{t.draft}</summary>
      <div className="form">
        <Field label={t.text} hint={t.draftHint}>
          {(control) => (
            <textarea
              {...control}
              className="inp"
              rows={4}
              maxLength={LONGEST_TEXT}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <div className="acts">
          {suggestion?.running === true ? (
            <Button onClick={stop}>{t.stop}</Button>
          ) : (
            <Button disabled={text.trim() === ""} onClick={start}>
              {t.write}
            </Button>
          )}
        </div>
        {suggestion && (
          <section className="suggestion" aria-label={t.suggestion}>
            {suggestion.extractsOnly && <p className="sub sm">{t.ownWords}</p>}
            {title !== "" && (
              <div className="part">
                <p className="t">{title}</p>
                <Button
                  look="ghost"
                  disabled={suggestion.running}
                  onClick={() => {
                    onTitle(title);
                    take("#");
                  }}
                >
                  {accepted.has("#") ? t.accepted : t.acceptTitle}
                </Button>
              </div>
            )}
            {sections.map((section) => (
              <div className="part" key={section.heading}>
                <pre>{section.text}</pre>
                <Button
                  look="ghost"
                  disabled={suggestion.running}
                  onClick={() => {
                    onBody(withSection(body, section));
                    take(section.heading);
                  }}
                >
                  {accepted.has(section.heading) ? t.accepted : t.acceptPart(section.heading)}
                </Button>
              </div>
            ))}
            {suggestion.unsupported.length > 0 && (
              <p className="sub sm">{t.unsupported(suggestion.unsupported.join(", "))}</p>
            )}
            {suggestion.citations.length > 0 && (
              <>
                <h3>{t.restsOn}</h3>
                <ul>
                  {suggestion.citations.map(
                    ({ number, decision }) => decision && <RecordLine key={number} decision={decision} />,
                  )}
                </ul>
              </>
            )}
            {suggestion.error !== "" && <Note tone="danger" title={suggestion.error} />}
            {!suggestion.running && (
              <div className="acts">
                {sections.length > 0 && (
                  <Button
                    onClick={() => {
                      if (title !== "") onTitle(title);
                      onBody(sections.reduce(withSection, body));
                      discard();
                    }}
                  >
                    {t.acceptAll}
                  </Button>
                )}
                <Button look="ghost" onClick={discard}>
                  {t.discard}
                </Button>
              </div>
            )}
          </section>
        )}
      </div>
    </details>
  );
}

/** The words that are selected in the text, wherever it is written: in a text area or in a richer editor. */
function useSelected(body: string): string {
  const [selected, setSelected] = useState("");
  useEffect(() => {
    const onChange = () => {
      const active = document.activeElement;
      const words =
        active instanceof HTMLTextAreaElement
          ? active.value.slice(active.selectionStart, active.selectionEnd)
          : (getSelection()?.toString() ?? "");
      // A press of a button of ours must not lose what was selected before.
      if (words.trim() !== "" && body.includes(words)) setSelected(words);
    };
    document.addEventListener("selectionchange", onChange);
    return () => document.removeEventListener("selectionchange", onChange);
  }, [body]);
  return body.includes(selected) ? selected : "";
}

const REVISIONS = [
  { revision: Revision.SUMMARISE, name: "summarise" },
  { revision: Revision.EXPAND, name: "expand" },
  { revision: Revision.SHARPEN, name: "sharpen" },
  { revision: Revision.TRANSLATE, name: "translate" },
] as const;

function Rewriting({ body, decisionId, model, onBody }: WritingHelpProps & { model: string }) {
  const clients = useClients();
  const toast = useToast();
  const selected = useSelected(body);
  const [language, setLanguage] = useState("English");
  const [asked, setAsked] = useState("");
  const { suggestion, begin, stop, discard } = useSuggestion();
  const words = selected.split(/\s+/u).filter((word) => word !== "").length;
  const revise = (revision: Revision) => {
    setAsked(selected);
    void begin((signal) =>
      clients(WritingService).revise({ text: selected, revision, language, model, decisionId }, { signal }),
    );
  };
  const accept = () => {
    if (!suggestion) return;
    if (body.includes(asked)) onBody(body.replace(asked, () => suggestion.text.trim()));
    else toast.show({ message: t.moved });
    discard();
  };
  return (
    <details>
      <summary>{t.selection}</summary>
      <div className="form">
        <p className="sub sm">{words === 0 ? t.selectionHint : t.selected(words)}</p>
        <div className="acts">
          {REVISIONS.map(({ revision, name }) => (
            <Button key={name} disabled={words === 0} onClick={() => revise(revision)}>
              {t[name]}
            </Button>
          ))}
          <TextField label={t.language} value={language} onChange={setLanguage} />
        </div>
        {suggestion && (
          <section className="suggestion" aria-label={t.suggestion}>
            {suggestion.text !== "" && <DiffBlocks blocks={diffTexts(asked, suggestion.text.trim()).blocks} />}
            {suggestion.error !== "" && (
              <Note tone="danger" title={t.failed}>
                {suggestion.error}
              </Note>
            )}
            <div className="acts">
              {suggestion.running ? (
                <Button onClick={stop}>{t.stop}</Button>
              ) : (
                suggestion.text !== "" && <Button onClick={accept}>{t.accept}</Button>
              )}
              <Button look="ghost" onClick={discard}>
                {t.discard}
              </Button>
            </div>
          </section>
        )}
      </div>
    </details>
  );
}

/** Beside what is being written: what was decided about it before, drafts, rewritten selections, and the sweep. */
export default function WritingHelp(props: WritingHelpProps): JSX.Element {
  const { models, model, choose } = useModel();
  return (
    <section className="help" aria-label={t.help}>
      <Recalled body={props.body} decisionId={props.decisionId} />
      <SelectField
        label={t.model}
        value={model}
        options={models.map(({ name, extractsOnly }) => ({
          value: name,
          label: extractsOnly ? t.extractsOnly(name) : name,
        }))}
        onChange={choose}
      />
      <Drafting {...props} model={model} />
      <Rewriting {...props} model={model} />
      <Sweep decisionId={props.decisionId} title={props.title} body={props.body} model={model} />
    </section>
  );
}
