import { create } from "@bufbuild/protobuf";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { type SpendingRule, SpendingRuleSchema, SpendingService } from "@/api/gen/cairn/gateway/v1/spending_pb";
import { peopleQuery } from "@/features/decisions/life/queries";
import { number } from "@/text/language";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { countOf, microsOf, money } from "./spending-queries";
import { t } from "./texts/spending";

const ORGANISATION = "organisation";
const EVERYONE = "everyone";
const MICROS = 1_000_000;

function describe(rule: SpendingRule): string {
  const told: string[] = [];
  if (rule.budgetMicros !== undefined) told.push(t.ruleBudget(money(rule.budgetMicros), rule.soft));
  if (rule.requestsPerMinute !== undefined) told.push(t.ruleRequests(number(Number(rule.requestsPerMinute))));
  if (rule.streams !== undefined) told.push(t.ruleStreams(number(Number(rule.streams))));
  if (rule.tokensPerDay !== undefined) told.push(t.ruleTokens(number(Number(rule.tokensPerDay))));
  if (rule.firstDayRequests !== undefined) told.push(t.ruleFirstDay(number(Number(rule.firstDayRequests))));
  return told.length > 0 ? told.join(", ") : t.noLimit;
}

/** Each limit of a rule as its field shows it. */
function fieldsOf(rule: SpendingRule) {
  const shown = (value: bigint | undefined) => (value === undefined ? "" : String(value));
  return {
    budget: rule.budgetMicros === undefined ? "" : String(Number(rule.budgetMicros) / MICROS),
    requests: shown(rule.requestsPerMinute),
    streams: shown(rule.streams),
    dayTokens: shown(rule.tokensPerDay),
    firstDay: shown(rule.firstDayRequests),
  };
}

function RuleForm({ rule, onClose }: { rule: SpendingRule; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const people = useQuery(peopleQuery(clients)).data?.people ?? [];
  const [subject, setSubject] = useState(rule.subject);
  const [fields, setFields] = useState(() => fieldsOf(rule));
  const [soft, setSoft] = useState(rule.soft);
  const budget = microsOf(fields.budget);
  const counts = {
    requests: countOf(fields.requests),
    streams: countOf(fields.streams),
    dayTokens: countOf(fields.dayTokens),
    firstDay: countOf(fields.firstDay),
  };
  const wrong = budget === null || Object.values(counts).includes(null) || subject === "";
  const save = useMutation({
    mutationFn: () =>
      clients(SpendingService).setSpendingRule({
        rule: {
          subject,
          soft,
          ...(typeof budget === "bigint" && { budgetMicros: budget }),
          ...(typeof counts.requests === "bigint" && { requestsPerMinute: counts.requests }),
          ...(typeof counts.streams === "bigint" && { streams: counts.streams }),
          ...(typeof counts.dayTokens === "bigint" && { tokensPerDay: counts.dayTokens }),
          ...(typeof counts.firstDay === "bigint" && { firstDayRequests: counts.firstDay }),
        },
      }),
    onSuccess: async () => {
      toast.show({ message: t.saved });
      await queryClient.invalidateQueries({ queryKey: ["spending"] });
      onClose();
    },
  });
  const name = { [ORGANISATION]: t.organisation, [EVERYONE]: t.everyone }[rule.subject];
  return (
    <Dialog
      title={name ?? people.find((one) => one.id === rule.subject)?.name ?? t.aPerson}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" busy={save.isPending} disabled={wrong} onClick={() => save.mutate()}>
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
        {rule.subject === "" && (
          <SelectField
            label={t.who}
            value={subject}
            options={[{ value: "", label: "" }, ...people.map((one) => ({ value: one.id, label: one.name }))]}
            onChange={setSubject}
          />
        )}
        <TextField
          label={t.budget}
          inputMode="decimal"
          value={fields.budget}
          error={budget === null ? t.numberWrong : undefined}
          onChange={(value) => setFields({ ...fields, budget: value })}
        />
        <SelectField
          label={t.whenSpent}
          value={soft ? "soft" : "hard"}
          options={[
            { value: "hard", label: t.hardOption },
            { value: "soft", label: t.softOption },
          ]}
          onChange={(value) => setSoft(value === "soft")}
        />
        {(["requests", "streams", "dayTokens", "firstDay"] as const).map((field) => (
          <TextField
            key={field}
            label={t[field]}
            inputMode="numeric"
            value={fields[field]}
            error={counts[field] === null ? t.numberWrong : undefined}
            onChange={(value) => setFields({ ...fields, [field]: value })}
          />
        ))}
      </form>
    </Dialog>
  );
}

/** What may be spent: by all, by each, by one. */
export function Limits({ rules, admin }: { rules: SpendingRule[]; admin: boolean }): JSX.Element {
  const clients = useClients();
  const people = useQuery({ ...peopleQuery(clients), enabled: admin }).data?.people ?? [];
  const [open, setOpen] = useState<SpendingRule | null>(null);
  const ruleOf = (subject: string) =>
    rules.find((rule) => rule.subject === subject) ?? create(SpendingRuleSchema, { subject });
  const named = [
    { rule: ruleOf(ORGANISATION), name: t.organisation },
    { rule: ruleOf(EVERYONE), name: t.everyone },
    ...rules
      .filter((rule) => rule.subject !== ORGANISATION && rule.subject !== EVERYONE)
      .map((rule) => ({ rule, name: people.find((one) => one.id === rule.subject)?.name ?? t.aPerson })),
  ];
  return (
    <section>
      <SectionHead title={t.limits} />
      <p className="sub pt-2 text-12">{t.limitsWhy}</p>
      <ul>
        {named.map(({ rule, name }) => (
          <li key={rule.subject} className="row grid-cols-[minmax(0,1fr)_auto]">
            <span className="min-w-0">
              <span className="t">{name}</span>
              <span className="why block">{describe(rule)}</span>
            </span>
            {admin && (
              <Button look="ghost" aria-label={`${t.change}: ${name}`} onClick={() => setOpen(rule)}>
                {t.change}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {admin && (
        <Button look="ghost" className="mt-2" onClick={() => setOpen(create(SpendingRuleSchema, { subject: "" }))}>
          {t.addPerson}
        </Button>
      )}
      {open && <RuleForm rule={open} onClose={() => setOpen(null)} />}
    </section>
  );
}
