import "../governs.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type Component, GovernanceService } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { LifecycleService, type LogPolicy } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { rich } from "@/text/rich";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Field, TextField } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { STATUSES, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";
import { useToast } from "@/ui/toast";

import { LogPublication } from "../publish/log-publication";
import { logsQuery } from "../queries";
import { t } from "../texts/curate";
import { Templates } from "./templates";

const route = getRouteApi("/logs/$slug");
const APPROVALS_MOST = 20;

function PolicyForm({ policy }: { policy: LogPolicy }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [approvals, setApprovals] = useState(String(policy.requiredApprovals));
  const [names, setNames] = useState(() => new Map(policy.statusNames.map(({ status, name }) => [status, name])));
  const save = useMutation({
    mutationFn: () =>
      clients(LifecycleService).setLogPolicy({
        policy: {
          logId: policy.logId,
          requiredApprovals: Number(approvals),
          statusNames: [...names]
            .filter(([, name]) => name.trim() !== "")
            .map(([status, name]) => ({ status, name: name.trim() })),
        },
      }),
    onSuccess: async () => {
      toast.show({ message: t.rulesSaved });
      await queryClient.invalidateQueries({ queryKey: ["policy", policy.logId] });
      await queryClient.invalidateQueries({ queryKey: ["decisions"] });
      await queryClient.invalidateQueries({ queryKey: ["logs"] });
    },
  });
  const whole = /^\d+$/u.test(approvals) && Number(approvals) <= APPROVALS_MOST;
  return (
    <form
      className="form pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (whole) save.mutate();
      }}
    >
      {save.isError && <Failure title={t.rulesNotSaved} error={save.error} />}
      <TextField
        label={t.approvals}
        inputMode="numeric"
        className="max-w-60"
        value={approvals}
        error={whole ? undefined : t.approvalsMost(APPROVALS_MOST)}
        onChange={setApprovals}
      />
      <fieldset className="grid gap-2">
        <legend className="label pb-2">{t.statusNames}</legend>
        {STATUSES.map((status) => (
          <label key={status} className="status-name">
            <Stone status={status} beside />
            <span>{statusName(status)}</span>
            <input
              className="inp"
              placeholder={statusName(status)}
              maxLength={40}
              value={names.get(status) ?? ""}
              onChange={(event) => setNames(new Map(names).set(status, event.target.value))}
            />
          </label>
        ))}
      </fieldset>
      <div>
        <Button type="submit" look="primary" busy={save.isPending}>
          {t.saveRules}
        </Button>
      </div>
    </form>
  );
}

function Policy({ log }: { log: Log }): JSX.Element {
  const clients = useClients();
  const { data, error, refetch } = useQuery({
    queryKey: ["policy", log.id],
    queryFn: ({ signal }) => clients(LifecycleService).getLogPolicy({ logId: log.id }, { signal }),
  });
  return (
    <section>
      <SectionHead title={t.rules} />
      {error && <Failure title={t.rulesNotRead} error={error} onRetry={() => void refetch()} />}
      {data?.policy && <PolicyForm policy={data.policy} />}
    </section>
  );
}

function ComponentForm({ logId, known }: { logId: string; known: Component | undefined }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [name, setName] = useState(known?.name ?? "");
  const [paths, setPaths] = useState(known?.paths.join("\n") ?? "");
  const save = useMutation({
    mutationFn: () =>
      clients(GovernanceService).saveComponent({
        logId,
        component: { name: name.trim(), paths: paths.split("\n").map((path) => path.trim()).filter((path) => path !== "") },
      }),
    onSuccess: async () => {
      if (known === undefined) {
        setName("");
        setPaths("");
      }
      await queryClient.invalidateQueries({ queryKey: ["components", logId] });
    },
  });
  return (
    <form
      className="form pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {save.isError && <Failure title={t.componentNotSaved} error={save.error} />}
      {known === undefined && <TextField label={t.newComponent} placeholder={t.itsName} value={name} onChange={setName} />}
      <Field label={known === undefined ? t.itsPaths : t.pathsOf(known.name)} hint={t.pathsHint}>
        {(control) => (
          <textarea
            {...control}
            className="inp"
            rows={2}
            value={paths}
            onChange={(event) => setPaths(event.target.value)}
          />
        )}
      </Field>
      <div>
        <Button type="submit" busy={save.isPending} disabled={name.trim() === ""}>
          {known === undefined ? t.addComponent : t.savePaths}
        </Button>
      </div>
    </form>
  );
}

function Components({ log }: { log: Log }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [open, setOpen] = useState("");
  const key = ["components", log.id];
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => clients(GovernanceService).listComponents({ logId: log.id }, { signal }),
  });
  const again = async (component: Component) => {
    try {
      await clients(GovernanceService).saveComponent({ logId: log.id, component });
      await queryClient.invalidateQueries({ queryKey: key });
    } catch (failure) {
      toast.show({ message: t.notBack(messageOf(failure)) });
    }
  };
  const remove = useMutation({
    mutationFn: (component: Component) =>
      clients(GovernanceService).deleteComponent({ logId: log.id, name: component.name }),
    onSuccess: async (_, component) => {
      await queryClient.invalidateQueries({ queryKey: key });
      toast.show({
        message: t.componentGone(component.name),
        action: { label: t.undo, run: () => void again(component) },
      });
    },
    onError: (failure) => toast.show({ message: t.stays(messageOf(failure)) }),
  });
  return (
    <section>
      <SectionHead title={t.components} />
      {error && <Failure title={t.componentsNotRead} error={error} onRetry={() => void refetch()} />}
      <ul>
        {data?.components.map((component) => (
          <li key={component.name} className="setting">
            <div className="min-w-0">
              <button
                type="button"
                className="med"
                aria-expanded={open === component.name}
                onClick={() => setOpen(open === component.name ? "" : component.name)}
              >
                {component.name}
              </button>{" "}
              <span className="sub sm">{t.count(component.decisionCount)}</span>
              <p className="path">{component.paths.join("  ")}</p>
            </div>
            <IconButton label={t.remove(component.name)} onClick={() => remove.mutate(component)}>
              <Icon name="close" />
            </IconButton>
            {open === component.name && <ComponentForm logId={log.id} known={component} />}
          </li>
        ))}
      </ul>
      <ComponentForm logId={log.id} known={undefined} />
    </section>
  );
}

/** How a log works: approvals, words for the statuses, templates, components. */
export function LogSettingsPage(): JSX.Element {
  const clients = useClients();
  const { slug } = route.useParams();
  const logs = useQuery(logsQuery(clients));
  const log = logs.data?.logs.find((one) => one.slug === slug);
  const name = log?.name ?? slug;
  return (
    <Page
      title={t.settingsOf(name)}
      heading={t.settingsOf(name)}
      crumbs={[
        { label: t.decisions, link: { to: "/decisions" } },
        { label: name, link: { to: "/decisions", search: { log: slug } } },
        { label: t.settings },
      ]}
    >
      <div className="log-settings">
        {logs.isPending && <SkeletonRows />}
        {logs.isError && (
          <Failure title={t.logNotRead} error={logs.error} onRetry={() => void logs.refetch()} />
        )}
        {logs.isSuccess && log === undefined && (
          <Empty
            title={t.noLog}
            actions={
              <Link to="/decisions" className={buttonClass()}>
                {t.allDecisions}
              </Link>
            }
          >
            {t.noLogWhy(slug)}
          </Empty>
        )}
        {log && (
          <>
            <p className="sub text-13">
              {rich(t.about(name, log.decisionCount, `${log.prefix}-0000`), {
                a: (words) => <span className="mono">{words}</span>,
              })}
            </p>
            <Policy log={log} />
            <Templates log={log} />
            <Components log={log} />
            <LogPublication log={log} />
          </>
        )}
      </div>
    </Page>
  );
}
