import "./import.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { FieldReport, FileReport, Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { FieldOutcome, FileOutcome } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { IndexProgress } from "@/features/search/index-progress";
import { buttonClass } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Evidence, type EvidenceKind } from "@/ui/evidence";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";

import { importQuery } from "./queries";

const route = getRouteApi("/import/$importId");

const COLUMNS = [
  { field: "title", label: "Title" },
  { field: "status", label: "Status" },
  { field: "date", label: "Date" },
  { field: "deciders", label: "Deciders" },
  { field: "links", label: "Links" },
] as const;

const FIELD_NAMES: Record<string, string> = {
  title: "Title",
  number: "Number",
  status: "Status",
  date: "Date",
  deciders: "Deciders",
  tags: "Tags",
  links: "Links",
  body: "Text",
};

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

const RESULTS: Record<FileOutcome, { label: string; look: string }> = {
  [FileOutcome.UNSPECIFIED]: { label: "", look: "sub" },
  [FileOutcome.CREATED]: { label: "Created", look: "sub" },
  [FileOutcome.UPDATED]: { label: "Updated", look: "sub" },
  [FileOutcome.UNCHANGED]: { label: "Unchanged", look: "sub" },
  [FileOutcome.LEFT_OUT]: { label: "Left out", look: "dim" },
  [FileOutcome.FAILED]: { label: "Not read", look: "due" },
};

function Row({ report, chosen, onChoose }: { report: FileReport; chosen: boolean; onChoose: () => void }): JSX.Element {
  const result = RESULTS[report.outcome];
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
        <div className={classes("trunc", report.title === "" && "dim")} title={report.title || report.message}>
          {report.title || report.message}
        </div>
      </td>
      {COLUMNS.map(({ field }) => {
        const found = report.fields.find((one) => one.field === field);
        const kind = found && evidenceOf(found);
        return (
          <td role="cell" key={field} className="f">
            {kind && <Evidence kind={kind} />}
          </td>
        );
      })}
      <td role="cell" className={classes("c-result", look ? "soon" : result.look)}>
        {result.label}
        {look && ", look"}
      </td>
    </tr>
  );
}

const FIELD_ORDER = Object.keys(FIELD_NAMES);

function byField(a: FieldReport, b: FieldReport): number {
  return FIELD_ORDER.indexOf(a.field) - FIELD_ORDER.indexOf(b.field);
}

function FieldRow({ field }: { field: FieldReport }): JSX.Element {
  const kind = evidenceOf(field);
  return (
    <div className="fld">
      {kind ? <Evidence kind={kind} /> : <span />}
      <span className="sub">{FIELD_NAMES[field.field] ?? field.field}</span>
      <div className="[overflow-wrap:anywhere]">
        {field.value === "" ? <span className="dim">Nothing</span> : field.value}
      </div>
      <div className="from">
        {field.reason.charAt(0).toUpperCase() + field.reason.slice(1)}
        {field.line > 0 && `${field.reason === "" ? "Line" : ", line"} ${field.line}`}
      </div>
    </div>
  );
}

function Details({ report, at, of }: { report: FileReport; at: number; of: number }): JSX.Element {
  return (
    <section aria-label={`Fields of ${report.path}`} className="min-w-0">
      <div className="sec">
        <h2 className="mono trunc" title={report.path}>
          {report.path}
        </h2>
        <span className="end num">
          {at} of {of}
        </span>
      </div>
      {report.message !== "" && <p className="sub py-2 text-13">{report.message}</p>}
      {[...report.fields].sort(byField).map((field) => (
        <FieldRow key={field.field} field={field} />
      ))}
      {report.decisionId !== "" && (
        <div className="flex gap-2 pt-3.5">
          <Link to="/decisions/$ref" params={{ ref: report.decisionId }} className={buttonClass()}>
            Open <span className="mono">{report.ref}</span>
          </Link>
          <Link to="/decisions/$ref/edit" params={{ ref: report.decisionId }} className={buttonClass("ghost")}>
            Correct it
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
      <span>
        <b>{reports.length.toLocaleString("en")}</b>files
      </span>
      <span>
        <b>{(one.created + one.updated + one.unchanged).toLocaleString("en")}</b>records
      </span>
      {look > 0 && (
        <span className="soon">
          <b>{look.toLocaleString("en")}</b>to look at
        </span>
      )}
      {one.leftOut > 0 && (
        <span className="sub">
          <b>{one.leftOut.toLocaleString("en")}</b>left out
        </span>
      )}
      {one.failed > 0 && (
        <span className="due">
          <b>{one.failed.toLocaleString("en")}</b>not read
        </span>
      )}
      <span className="sub sm legend-marks">
        <span>
          <Evidence kind="read" beside />
          Read from the file
        </span>
        <span>
          <Evidence kind="guess" beside />
          Guessed
        </span>
        <span>
          <Evidence kind="miss" beside />
          Missing
        </span>
      </span>
    </div>
  );
}

export function ImportReportPage(): JSX.Element {
  const clients = useClients();
  const { importId } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(importQuery(clients, importId));
  const [path, setPath] = useState<string>();
  const reports = data?.reports ?? [];
  const one = data?.import;
  const chosen = reports.find((report) => report.path === path) ?? reports.find(needsLook) ?? reports[0];
  const name = one?.source ?? "Import";
  return (
    <Page
      title={`Import of ${name}`}
      heading={`Import of ${name}`}
      crumbs={[{ label: "Imports", link: { to: "/import" } }, { label: name }]}
      actions={
        one && (
          <Link to="/decisions" search={{ log: one.logSlug }} className={buttonClass("primary")}>
            Open the log
          </Link>
        )
      }
    >
      <div className="imp">
        {isPending && <SkeletonRows />}
        {error && <Failure title="The report could not be read." error={error} onRetry={() => void refetch()} />}
        {one && (
          <>
            <Tally one={one} reports={reports} />
            <IndexProgress />
            {one.linksResolved + one.linksUnresolved > 0 && (
              <p className="sub pb-4 text-13">
                {one.linksResolved.toLocaleString("en")} links between records lead somewhere,{" "}
                {one.linksUnresolved.toLocaleString("en")} do not.
              </p>
            )}
            <div className="split">
              {/* A region that scrolls sideways takes the focus, so that the keyboard can scroll it. */}
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <div className="files" tabIndex={0} role="region" aria-label="Files">
                <table role="table">
                  <thead>
                    <tr role="row">
                      <th role="columnheader">File</th>
                      <th role="columnheader">Read as</th>
                      {COLUMNS.map((column) => (
                        <th role="columnheader" key={column.field} className="f">
                          {column.label}
                        </th>
                      ))}
                      <th role="columnheader">Result</th>
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
