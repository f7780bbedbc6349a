import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { SelectField, TextField } from "@/ui/field";

import { peopleQuery, RHYTHMS } from "../life/queries";
import { t } from "../texts/curate";

/** What a choice says that leaves things as they are; an owner's id is never that. */
const AS_IT_IS = "as it is";
const REVIEWS = ["", "none", "planned"] as const;

/** Who looks after many records, and when they are looked at again. */
export interface Upkeep {
  /** The id of a person, nobody where empty. */
  owner: string;
  review: (typeof REVIEWS)[number];
  reviewOn: string;
  everyMonths: number;
}

export const UPKEEP_AS_IT_IS: Upkeep = { owner: AS_IT_IS, review: "", reviewOn: "", everyMonths: 0 };

/** What is sent of it; nothing where it stays as it is. */
export function upkeepSent({ owner, review, reviewOn, everyMonths }: Upkeep) {
  const plan = review === "planned" ? { reviewOn, everyMonths } : { reviewOn: "", everyMonths: 0 };
  return {
    ...(owner !== AS_IT_IS && { ownerId: owner }),
    ...(review !== "" && (review === "none" || reviewOn !== "") && { review: plan }),
  };
}

interface BulkUpkeepProps {
  value: Upkeep;
  onChange: (value: Upkeep) => void;
}

export function BulkUpkeep({ value, onChange }: BulkUpkeepProps): JSX.Element {
  const clients = useClients();
  const people = useQuery(peopleQuery(clients)).data?.people ?? [];
  const set = (change: Partial<Upkeep>) => onChange({ ...value, ...change });
  return (
    <>
      <SelectField
        label={t.owner}
        value={value.owner}
        options={[
          { value: AS_IT_IS, label: t.asItIs },
          { value: "", label: t.nobody },
          ...people.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(owner) => set({ owner })}
      />
      <SelectField
        label={t.review}
        value={value.review}
        options={REVIEWS.map((review) => ({ value: review, label: t.reviews[review] }))}
        onChange={(review) => set({ review: REVIEWS.find((one) => one === review) ?? "" })}
      />
      {value.review === "planned" && (
        <>
          <TextField
            label={t.lookAgain}
            type="date"
            required
            value={value.reviewOn}
            onChange={(reviewOn) => set({ reviewOn })}
          />
          <SelectField
            label={t.afterThat}
            value={String(value.everyMonths)}
            options={RHYTHMS.map((months) => ({ value: String(months), label: t.rhythm(months) }))}
            onChange={(months) => set({ everyMonths: Number(months) })}
          />
        </>
      )}
    </>
  );
}
