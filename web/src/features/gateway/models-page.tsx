import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type Alias, GatewayService, type ModelHealth, type Provider } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { modelsQuery } from "@/features/chat/models-query";
import { SettingsTabs } from "@/features/tenancy/settings-tabs";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Icon } from "@/ui/icons";
import { SectionHead, Tag } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { duration } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { ProviderForm } from "./provider-form";
import { kindOf, labelOf, providersQuery } from "./queries";
import { t } from "./texts/models";

function Removal({ provider, onClose }: { provider: Provider; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => clients(GatewayService).deleteProvider({ id: provider.id }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["providers"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]);
      toast.show({ message: t.removed(provider.name) });
      onClose();
    },
  });
  return (
    <Dialog
      title={t.removeTitle(provider.name)}
      onClose={onClose}
      footer={
        <>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {t.removeButton}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.keep}
          </Button>
        </>
      }
    >
      {remove.isError && <Failure title={t.notRemoved} error={remove.error} />}
      <p>{t.removeWhy}</p>
    </Dialog>
  );
}

function Trial({ provider }: { provider: Provider }): JSX.Element {
  const clients = useClients();
  const test = useMutation({ mutationFn: () => clients(GatewayService).testProvider({ id: provider.id }) });
  return (
    <>
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        {t.test}
      </Button>
      {test.data?.ok === true && (
        <span className="verb sm" role="status">
          <Icon name="check" size={14} />
          {test.data.message} {test.data.firstTokenMs > 0 && t.firstWord(duration(test.data.firstTokenMs))}
        </span>
      )}
      {((test.data && !test.data.ok) || test.isError) && (
        <div className="basis-full">
          <Note tone="danger" title={test.data?.message ?? messageOf(test.error)} />
        </div>
      )}
    </>
  );
}

function stateOf(health: ModelHealth): string {
  const why = t.failures[health.lastFailure] ?? health.lastFailure;
  const states = [
    health.resting && t.resting(health.restingS, why),
    !health.resting && health.failures > 0 && t.failing(health.failures, why),
    health.firstTokenMs > 0 && t.health(duration(health.firstTokenMs)),
    t.busy(health.running, health.waiting),
  ];
  return states.filter((state) => state !== false).join("; ");
}

function ProviderRow({
  provider,
  health,
  onChange,
  onRemove,
}: {
  provider: Provider;
  health: ModelHealth[];
  onChange: () => void;
  onRemove: () => void;
}): JSX.Element {
  return (
    <li className="grid gap-2 border-b border-line-soft py-4">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="text-15">{provider.name}</h3>
        <span className="sub text-13">{labelOf(kindOf(provider.kind))}</span>
        {provider.baseUrl !== "" && <span className="id">{provider.baseUrl}</span>}
        <span className="sub ml-auto text-12">
          {provider.fromFile
            ? provider.hasKey
              ? t.keyStoredInFile
              : t.noKeyInFile
            : provider.hasKey
              ? t.keyStored
              : t.noKey}
        </span>
      </div>
      <div className="flex flex-wrap gap-1">
        {provider.models.map((model) => (
          <Tag key={model}>{model}</Tag>
        ))}
      </div>
      {health.length > 0 && (
        <ul className="text-12 text-ink-2">
          {health.map((one) => (
            <li key={one.name} className={one.failures > 0 ? "text-caution" : undefined}>
              <span className="mono">{one.name}</span>: {stateOf(one)}
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-2 pt-1">
        <Trial provider={provider} />
        {!provider.fromFile && (
          <>
            <Button look="ghost" onClick={onChange}>
              {t.change}
            </Button>
            <Button look="ghost" className="text-danger!" onClick={onRemove}>
              {t.remove}
            </Button>
          </>
        )}
      </div>
    </li>
  );
}

function Aliases({ aliases }: { aliases: Alias[] }): JSX.Element {
  const strategies: Record<string, string> = { order: t.order, weight: t.weight, latency: t.latency, cost: t.cost };
  return (
    <section>
      <SectionHead title={t.aliases} />
      {aliases.length === 0 && <p className="sub py-4">{t.aliasesNone}</p>}
      <ul>
        {aliases.map((alias) => (
          <li key={alias.name} className="row grid-cols-[minmax(0,1fr)_auto]">
            <span className="min-w-0">
              <span className="t mono">{alias.name}</span>
              <span className="why mono block text-12">
                {alias.targets
                  .map((target, index) =>
                    alias.strategy === "weight" ? `${target} (${alias.weights[index] ?? 1})` : target,
                  )
                  .join(", ")}
              </span>
            </span>
            <span className="sub text-12">{strategies[alias.strategy] ?? alias.strategy}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type Open = { kind: "form"; provider: Provider | undefined } | { kind: "removal"; provider: Provider } | null;

/** Who may be asked: the built-in extracts, and the providers with their models. */
export function ModelsPage(): JSX.Element {
  const clients = useClients();
  const providers = useQuery(providersQuery(clients));
  const models = useQuery(modelsQuery(clients)).data?.models ?? [];
  const health = providers.data?.health ?? [];
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <Page
      title={t.models}
      heading={t.models}
      crumbs={[{ label: t.settings }, { label: t.models }]}
      actions={
        <Button look="primary" onClick={() => setOpen({ kind: "form", provider: undefined })}>
          {t.add}
        </Button>
      }
    >
      <div className="grid max-w-[50rem] gap-8 px-4 py-5 wide:mx-auto wide:px-9 wide:py-8">
        <SettingsTabs />
        <section>
          <SectionHead title={t.from} />
          <ul>
            {models.map((model) => (
              <li key={model.name} className="row grid-cols-[minmax(0,1fr)_auto]">
                <span className="min-w-0">
                  <span className="t mono">{model.name}</span>
                  {model.extractsOnly && (
                    <span className="why block">{t.builtIn}</span>
                  )}
                </span>
                {model.default && <Tag>{t.default}</Tag>}
              </li>
            ))}
          </ul>
        </section>
        <section>
          <SectionHead title={t.providers} />
          {providers.isPending && <SkeletonRows count={3} />}
          {providers.isError && (
            <Failure
              title={t.unread}
              error={providers.error}
              onRetry={() => void providers.refetch()}
            />
          )}
          {providers.data?.providers.length === 0 && (
            <p className="sub py-4">{t.none}</p>
          )}
          <ul>
            {providers.data?.providers.map((provider) => (
              <ProviderRow
                key={provider.id}
                provider={provider}
                health={health.filter((one) => provider.models.some((model) => one.name === `${provider.name}/${model}`))}
                onChange={() => setOpen({ kind: "form", provider })}
                onRemove={() => setOpen({ kind: "removal", provider })}
              />
            ))}
          </ul>
        </section>
        {providers.data && <Aliases aliases={providers.data.aliases} />}
      </div>
      {open?.kind === "form" && <ProviderForm provider={open.provider} onClose={close} />}
      {open?.kind === "removal" && <Removal provider={open.provider} onClose={close} />}
    </Page>
  );
}
