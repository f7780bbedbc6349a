import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useClients } from "@/api/clients";

import { modelsQuery } from "../models-query";

const MODEL_KEY = "cairn.model";

/** The model that was chosen last, if there still is one of that name, or else the default. */
export function useModel() {
  const clients = useClients();
  const models = useQuery(modelsQuery(clients)).data?.models ?? [];
  const [chosen, setChosen] = useState(() => localStorage.getItem(MODEL_KEY) ?? "");
  const fallback = models.find((one) => one.default)?.name ?? "";
  const model = models.some((one) => one.name === chosen) ? chosen : fallback;
  return { models, model, choose: setChosen };
}
