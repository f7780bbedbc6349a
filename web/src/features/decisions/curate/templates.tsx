import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { CurationService, type Template } from "@/api/gen/cairn/decisions/v1/curation_pb";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, TextField } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { t } from "../texts/curate";
import { templatesQuery } from "./log-queries";

function TemplateDialog({ log, known, onClose }: { log: Log; known: Template | undefined; onClose: () => void }) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const [name, setName] = useState(known?.name ?? "");
  const [description, setDescription] = useState(known?.description ?? "");
  const [body, setBody] = useState(known?.body ?? t.textBegin);
  const save = useMutation({
    mutationFn: () =>
      clients(CurationService).saveTemplate({
        logId: log.id,
        template: { name: name.trim(), description: description.trim(), body, chosen: known?.chosen ?? false },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["templates", log.id] });
      onClose();
    },
  });
  return (
    <Dialog
      title={known === undefined ? t.newTemplate : t.templateOf(known.name)}
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            busy={save.isPending}
            disabled={name.trim() === "" || body.trim() === ""}
            onClick={() => save.mutate()}
          >
            {t.saveTemplate}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <div className="form">
        {save.isError && <Failure title={t.templateNotSaved} error={save.error} />}
        {known === undefined && <TextField label={t.name} value={name} onChange={setName} />}
        <TextField label={t.purpose} value={description} onChange={setDescription} />
        <Field label={t.text}>
          {(control) => (
            <textarea
              {...control}
              className="inp font-mono text-13!"
              rows={14}
              value={body}
              onChange={(event) => setBody(event.target.value)}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}

/** With which text a new record of the log begins. */
export function Templates({ log }: { log: Log }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [open, setOpen] = useState<{ known: Template | undefined } | null>(null);
  const { data, error, refetch } = useQuery(templatesQuery(clients, log.id));
  const changed = () => queryClient.invalidateQueries({ queryKey: ["templates", log.id] });
  const choose = useMutation({
    mutationFn: (template: Template) =>
      clients(CurationService).saveTemplate({ logId: log.id, template: { name: template.name, chosen: true } }),
    // Until the list is read again, the choice is the one that was made.
    onSuccess: changed,
    onError: (failure) => toast.show({ message: t.templateNotChosen(messageOf(failure)) }),
  });
  const again = async (template: Template) => {
    try {
      await clients(CurationService).saveTemplate({ logId: log.id, template });
      await changed();
    } catch (failure) {
      toast.show({ message: t.notBack(messageOf(failure)) });
    }
  };
  const remove = useMutation({
    mutationFn: (template: Template) =>
      clients(CurationService).deleteTemplate({ logId: log.id, name: template.name }),
    onSuccess: async (_, template) => {
      await changed();
      toast.show({
        message: t.templateGone(template.name),
        action: { label: t.undo, run: () => void again(template) },
      });
    },
    onError: (failure) => toast.show({ message: t.templateStays(messageOf(failure)) }),
  });
  return (
    <section>
      <SectionHead title={t.templates}>
        <button type="button" className="link" onClick={() => setOpen({ known: undefined })}>
          {t.newTemplate}
        </button>
      </SectionHead>
      {error && <Failure title={t.templatesNotRead} error={error} onRetry={() => void refetch()} />}
      <ul>
        {data?.templates.map((template) => (
          <li key={template.name} className="setting">
            <div className="flex min-w-0 items-start gap-2">
              <input
                aria-label={t.beginWith(template.name)}
                type="radio"
                name="template"
                className="mt-0.5 accent-accent"
                checked={choose.isPending ? choose.variables.name === template.name : template.chosen}
                onChange={() => choose.mutate(template)}
              />
              <span className="min-w-0">
                <span className="med">{template.name}</span>
                <span className="sub sm block">{t.purposeOf(template)}</span>
              </span>
            </div>
            <span className="flex">
              <Button look="ghost" aria-label={t.editTemplate(template.name)} onClick={() => setOpen({ known: template })}>
                {t.edit}
              </Button>
              {!template.builtin && (
                <IconButton label={t.remove(template.name)} onClick={() => remove.mutate(template)}>
                  <Icon name="close" />
                </IconButton>
              )}
            </span>
          </li>
        ))}
      </ul>
      {open && <TemplateDialog log={log} known={open.known} onClose={() => setOpen(null)} />}
    </section>
  );
}
