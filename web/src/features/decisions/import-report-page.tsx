import "./import.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { FieldReport, FileReport, Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { DecisionsService, FieldOutcome, FileOutcome } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { IndexProgress } from "@/features/search/index-progress";
import { t as phrases } from "@/text/phrases";
import { phrasesReady } from "@/text/phrases-ready";
import { rich } from "@/text/rich";
import { buttonClass } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Evidence, type EvidenceKind } from "@/ui/evidence";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { statusFromKey, statusName } from "@/ui/status";

import { t } from "./texts/imports";

const route = getRouteApi("/import/$importId");

const COLUMNS = ["title", "status", "date", "deciders", "links"] as const;
const FIELDS: readonly string[] = ["title", "number", "status", "date", "deciders", "tags", "links", "body"];

function fieldName(field: string): string {
  // A server newer than the page may read fields that the page does not know.
  return (t.fields as Partial<Record<string, string>>)[field] ?? field;
}

/** Many records have no deciders, tags or links: that these are missing is no fault to look at. */
const MAY_BE_ABSENT = new Set(["deciders", "tags", "links"]);

function evidenceOf({ field, outcome }: FieldReport): EvidenceKind | undefined {
  switch (outcome) {
    case FieldOutcome.READ:
      return "read";
    case FieldOutcome.GUESSED:
      return "guess";
    case FieldOutcome.MISSING:
      return MAY_BE_ABSENT.has(field) ? undefined : "miss";
    case FieldOutcome.UNSPECIFIED:
    case FieldOutcome.IGNORED:
      return undefined;
  }
}

/** True where a person should look: something that matters was guessed or is missing. */
function needsLook(report: FileReport): boolean {
  return report.fields.some(
    ({ field, outcome }) =>
      ["title", "status", "date"].includes(field) &&
      (outcome === FieldOutcome.GUESSED || outcome === FieldOutcome.MISSING),
  );
}

const LOOKS: Partial<Record<FileOutcome, string>> = { [FileOutcome.LEFT_OUT]: "dim", [FileOutcome.FAILED]: "due" };
const AMOUNT = { a: (words: string) => <b>{words}</b> };

function Row({ report, chosen, onChoose }: { report: FileReport; chosen: boolean; onChoose: () => void }): JSX.Element {
  const outcome = t.outcomes[report.outcome];
  const look = report.outcome !== FileOutcome.LEFT_OUT && report.outcome !== FileOutcome.FAILED && needsLook(report);
  return (
    <tr role="row" className={classes(chosen && "sel")}>
      <td role="cell" className="c-file mono">
        <button
          type="button"
          className="trunc block max-w-full wide:max-w-44"
          aria-pressed={chosen}
          title={report.path}
          onClick={onChoose}
        >
          {report.path}
        </button>
      </td>
      <td role="cell" className="c-title">
        <div className={classes("trunc", report.title === "" && "dim")} title={report.title || messageOf(report)}>
          {report.title || messageOf(report)}
        </div>
      </td>
      {COLUMNS.map((field) => {
        const found = report.fields.find((one) => one.field === field);
        const kind = found && evidenceOf(found);
        return (
          <td role="cell" key={field} className="f">
            {kind && <Evidence kind={kind} />}
          </td>
        );
      })}
      <td role="cell" className={classes("c-result", look ? "soon" : (LOOKS[report.outcome] ?? "sub"))}>
        {look ? t.andLook(outcome) : outcome}
      </td>
    </tr>
  );
}

function byField(a: FieldReport, b: FieldReport): number {
  return FIELDS.indexOf(a.field) - FIELDS.indexOf(b.field);
}

/** What is said of a file, in the page's language. */
function messageOf({ message, phrases: sentences }: FileReport): string {
  return sentences.length === 0 ? message : sentences.map((sentence) => phrases.said("", sentence)).join("; ");
}

/** The value of a field; what the importer says in words of its own is said in the page's. */
function valueOf({ field, value, outcome }: FieldReport): string {
  if (field === "body" && outcome === FieldOutcome.READ) return t.lines(Number.parseInt(value, 10));
  const status = field === "status" && outcome !== FieldOutcome.IGNORED ? statusFromKey(value) : undefined;
  return status === undefined ? value : statusName(status);
}

function whence({ reason: said, phrase, line }: FieldReport): string {
  const reason = phrases.said(said, phrase);
  const why = reason.charAt(0).toUpperCase() + reason.slice(1);
  if (line <= 0) return why;
  return why === "" ? t.line(line) : t.reasonAndLine(why, line);
}

function FieldRow({ field }: { field: FieldReport }): JSX.Element {
  const kind = evidenceOf(field);
  return (
    <div className="fld">
      {kind ? <Evidence kind={kind} /> : <span />}
      <span className="sub">{fieldName(field.field)}</span>
      <div className="[overflow-wrap:anywhere]">
        {field.value === "" ? <span className="dim">{t.nothing}</span> : valueOf(field)}
      </div>
      <div className="from">
        {whence(field)}
      </div>
    </div>
  );
}

function Details({ report, at, of }: { report: FileReport; at: number; of: number }): JSX.Element {
  return (
    <section aria-label={t.fieldsOf(report.path)} className="min-w-0">
      <div className="sec">
        <h2 className="mono trunc" title={report.path}>
          {report.path}
        </h2>
        <span className="end num">
          {t.placeOf(at, of)}
        </span>
      </div>
      {report.message !== "" && <p className="sub py-2 text-13">{messageOf(report)}</p>}
      {[...report.fields].sort(byField).map((field) => (
        <FieldRow key={field.field} field={field} />
      ))}
      {report.decisionId !== "" && (
        <div className="flex gap-2 pt-3.5">
          <Link to="/decisions/$ref" params={{ ref: report.decisionId }} className={buttonClass()}>
            {rich(t.open(report.ref), { a: (words) => <span className="mono">{words}</span> })}
          </Link>
          <Link to="/decisions/$ref/edit" params={{ ref: report.decisionId }} className={buttonClass("ghost")}>
            {t.correct}
          </Link>
        </div>
      )}
    </section>
  );
}

function Tally({ one, reports }: { one: Import; reports: FileReport[] }): JSX.Element {
  const look = reports.filter((report) => report.decisionId !== "" && needsLook(report)).length;
  return (
    <div className="tally">
      <span>{rich(t.files(reports.length), AMOUNT)}</span>
      <span>{rich(t.records(one.created + one.updated + one.unchanged), AMOUNT)}</span>
      {look > 0 && <span className="soon">{rich(t.toLookAt(look), AMOUNT)}</span>}
      {one.leftOut > 0 && <span className="sub">{rich(t.leftOut(one.leftOut), AMOUNT)}</span>}
      {one.failed > 0 && <span className="due">{rich(t.notRead(one.failed), AMOUNT)}</span>}
      <span className="sub sm legend-marks">
        <span>
          <Evidence kind="read" beside />
          {t.evidence.read}
        </span>
        <span>
          <Evidence kind="guess" beside />
          {t.evidence.guess}
        </span>
        <span>
          <Evidence kind="miss" beside />
          {t.evidence.miss}
        </span>
      </span>
    </div>
  );
}

export function ImportReportPage(): JSX.Element {
  const clients = useClients();
  const { importId } = route.useParams();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["imports", importId],
    queryFn: async ({ signal }) => {
      const found = await clients(DecisionsService).getImport({ id: importId }, { signal });
      await phrasesReady();
      return found;
    },
  });
  const [path, setPath] = useState<string>();
  const reports = data?.reports ?? [];
  const one = data?.import;
  const chosen = reports.find((report) => report.path === path) ?? reports.find(needsLook) ?? reports[0];
  const name = one?.source ?? t.import;
  return (
    <Page
      title={t.importOf(name)}
      heading={t.importOf(name)}
      crumbs={[{ label: t.imports, link: { to: "/import" } }, { label: name }]}
      actions={
        one && (
          <Link to="/decisions" search={{ log: one.logSlug }} className={buttonClass("primary")}>
            {t.openLog}
          </Link>
        )
      }
    >
      <div className="imp">
        {isPending && <SkeletonRows />}
        {error && <Failure title={t.reportNotRead} error={error} onRetry={() => void refetch()} />}
        {one && (
          <>
            <Tally one={one} reports={reports} />
            <IndexProgress />
            {one.linksResolved + one.linksUnresolved > 0 && (
              <p className="sub pb-4 text-13">
                {t.links(one.linksResolved, one.linksUnresolved)}
              </p>
            )}
            <div className="split">
              {/* A region that scrolls sideways takes the focus, so that the keyboard can scroll it. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <div className="files" tabIndex={0} role="region" aria-label={t.list}>
                <table role="table">
                  <thead>
                    <tr role="row">
                      <th role="columnheader">{t.file}</th>
                      <th role="columnheader">{t.readAs}</th>
                      {COLUMNS.map((field) => (
                        <th role="columnheader" key={field} className="f">
                          {t.fields[field]}
                        </th>
                      ))}
                      <th role="columnheader">{t.outcome}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {reports.map((report) => (
                      <Row
                        key={report.path}
                        report={report}
                        chosen={report === chosen}
                        onChoose={() => setPath(report.path)}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
              {chosen && <Details report={chosen} at={reports.indexOf(chosen) + 1} of={reports.length} />}
            </div>
          </>
        )}
      </div>
    </Page>
  );
}
