import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { Provider } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Failure } from "@/ui/note";

import { kindOf, KINDS, labelOf } from "./queries";
import { t } from "./texts/models";
import { GatewayService } from "@/api/gen/cairn/gateway/v1/gateway_pb";

interface ProviderFormProps {
  /** The one to change; undefined adds one. */
  provider: Provider | undefined;
  onClose: () => void;
}

/** Adds a provider or changes one. A stored key is never shown: it is kept, replaced or removed. */
export function ProviderForm({ provider, onClose }: ProviderFormProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [kind, setKind] = useState(provider ? kindOf(provider.kind) : KINDS[0]);
  const [name, setName] = useState(provider?.name ?? KINDS[0].name);
  const [baseUrl, setBaseUrl] = useState(provider?.baseUrl ?? "");
  const [models, setModels] = useState(provider?.models.join(", ") ?? "");
  const [key, setKey] = useState("");
  const [tried, setTried] = useState(false);
  const list = models
    .split(",")
    .map((model) => model.trim())
    .filter((model) => model !== "");
  const save = useMutation({
    mutationFn: () =>
      clients(GatewayService).saveProvider({
        id: provider?.id ?? "",
        kind: kind.kind,
        name: name.trim(),
        baseUrl: baseUrl.trim(),
        models: list,
        ...(key !== "" && { key }),
      }),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ["providers"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]);
      onClose();
    },
  });
  const errors = {
    name: name.trim() === "" ? t.nameMissing : undefined,
    models: list.length === 0 ? t.modelsMissing : undefined,
    baseUrl: kind.address !== undefined && baseUrl.trim() === "" ? t.addressMissing : undefined,
  };
  const shown = (error: string | undefined) => (tried ? error : undefined);
  return (
    <Dialog
      title={provider ? t.changeTitle(provider.name) : t.add}
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            busy={save.isPending}
            onClick={() => {
              setTried(true);
              if (Object.values(errors).every((error) => error === undefined)) save.mutate();
            }}
          >
            {t.save}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <form className="grid gap-4" onSubmit={(event) => event.preventDefault()}>
        {save.isError && <Failure title={t.notSaved} error={save.error} />}
        <SelectField
          label={t.kind}
          value={kind.key}
          options={KINDS.map((one) => ({ value: one.key, label: labelOf(one) }))}
          onChange={(chosen) => {
            const next = KINDS.find((one) => one.key === chosen) ?? KINDS[0];
            if (name === kind.name) setName(next.name);
            setKind(next);
          }}
        />
        <TextField
          label={t.name}
          value={name}
          error={shown(errors.name)}
          hint={t.nameHint}
          onChange={setName}
        />
        <TextField
          label={t.address}
          type="url"
          value={baseUrl}
          error={shown(errors.baseUrl)}
          placeholder={kind.address ?? t.addressOwn}
          onChange={setBaseUrl}
        />
        <TextField
          label={t.modelNames}
          value={models}
          error={shown(errors.models)}
          hint={t.modelsHint}
          onChange={setModels}
        />
        <TextField
          label={t.key}
          type="password"
          autoComplete="off"
          value={key}
          hint={provider?.hasKey === true ? t.keyKept : t.keyNew}
          onChange={setKey}
        />
      </form>
    </Dialog>
  );
}
