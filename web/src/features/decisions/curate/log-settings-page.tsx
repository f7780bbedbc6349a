import "../governs.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type Component, GovernanceService } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { LifecycleService, type LogPolicy } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
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
import { count } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { LogPublication } from "../publish/log-publication";
import { logsQuery } from "../queries";
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
      toast.show({ message: "The rules of this log were saved." });
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
      {save.isError && <Failure title="The rules were not saved." error={save.error} />}
      <TextField
        label="Approvals before a decision is accepted"
        inputMode="numeric"
        className="max-w-60"
        value={approvals}
        error={whole ? undefined : `A number from 0 to ${APPROVALS_MOST}`}
        onChange={setApprovals}
      />
      <fieldset className="grid gap-2">
        <legend className="label pb-2">What this log calls the statuses</legend>
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
          Save rules
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
      <SectionHead title="Rules" />
      {error && <Failure title="The rules could not be read." error={error} onRetry={() => void refetch()} />}
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
      {save.isError && <Failure title="The component was not saved." error={save.error} />}
      {known === undefined && <TextField label="New component" placeholder="Its name" value={name} onChange={setName} />}
      <Field label={known === undefined ? "Its paths" : `Paths of ${known.name}`} hint="Patterns as in a .gitignore, one a line">
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
          {known === undefined ? "Add component" : "Save paths"}
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
      toast.show({ message: `It was not brought back. ${messageOf(failure)}` });
    }
  };
  const remove = useMutation({
    mutationFn: (component: Component) =>
      clients(GovernanceService).deleteComponent({ logId: log.id, name: component.name }),
    onSuccess: async (_, component) => {
      await queryClient.invalidateQueries({ queryKey: key });
      toast.show({
        message: `${component.name} is gone; decisions keep its name.`,
        action: { label: "Undo", run: () => void again(component) },
      });
    },
    onError: (failure) => toast.show({ message: `It stays. ${messageOf(failure)}` }),
  });
  return (
    <section>
      <SectionHead title="Components" />
      {error && <Failure title="The components could not be read." error={error} onRetry={() => void refetch()} />}
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
              <span className="sub sm">{count(component.decisionCount, "decision")}</span>
              <p className="path">{component.paths.join("  ")}</p>
            </div>
            <IconButton label={`Remove ${component.name}`} onClick={() => remove.mutate(component)}>
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
      title={`Settings of ${name}`}
      heading={`Settings of ${name}`}
      crumbs={[
        { label: "Decisions", link: { to: "/decisions" } },
        { label: name, link: { to: "/decisions", search: { log: slug } } },
        { label: "Settings" },
      ]}
    >
      <div className="log-settings">
        {logs.isPending && <SkeletonRows />}
        {logs.isError && (
          <Failure title="The log could not be read." error={logs.error} onRetry={() => void logs.refetch()} />
        )}
        {logs.isSuccess && log === undefined && (
          <Empty
            title="There is no such log"
            actions={
              <Link to="/decisions" className={buttonClass()}>
                All decisions
              </Link>
            }
          >
            No log is called {slug}. It may have been renamed.
          </Empty>
        )}
        {log && (
          <>
            <p className="sub text-13">
              {name} has {count(log.decisionCount, "decision")}. New ones are called{" "}
              <span className="mono">{log.prefix}-0000</span>, with the next free number.
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
