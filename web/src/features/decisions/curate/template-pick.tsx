import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { SelectField } from "@/ui/field";
import { useToast } from "@/ui/toast";

import { t } from "../texts/curate";
import { templatesQuery } from "./log-queries";

interface TemplatePickProps {
  logId: string;
  logSlug: string;
  body: string;
  onBody: (body: string) => void;
}

/** Begins the text anew with a template of the log; what stood there before can be brought back. */
export function TemplatePick({ logId, logSlug, body, onBody }: TemplatePickProps): JSX.Element | null {
  const clients = useClients();
  const toast = useToast();
  const { data } = useQuery(templatesQuery(clients, logId));
  if (data === undefined || data.templates.length === 0) return null;
  const current = data.templates.find((template) => template.body === body);
  return (
    <SelectField
      label={t.template}
      hint={
        <>
          {current && t.purposeOf(current)}{" "}
          <Link to="/logs/$slug" params={{ slug: logSlug }} className="link">
            {t.templatesOfLog}
          </Link>
        </>
      }
      value={current?.name ?? ""}
      options={[
        ...(current === undefined ? [{ value: "", label: t.ownText }] : []),
        ...data.templates.map((template) => ({ value: template.name, label: template.name })),
      ]}
      onChange={(name) => {
        const chosen = data.templates.find((template) => template.name === name);
        if (chosen === undefined) return;
        onBody(chosen.body);
        if (current === undefined) {
          toast.show({
            message: t.beginsAnew(name),
            action: { label: t.undo, run: () => onBody(body) },
          });
        }
      }}
    />
  );
}
