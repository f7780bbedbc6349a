import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useClients } from "@/api/clients";

import { type Question, sendQuestion } from "./send-question";

/** Asks, and has the lists of conversations read again. */
export function useAsk() {
  const clients = useClients();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (question: Question) => {
      const sent = sendQuestion(clients, question);
      // What reads answers comes meanwhile.
      const { liveAnswers } = await import("./live-answers");
      return liveAnswers(clients).ask(question, sent);
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["conversations"], exact: true });
      void queryClient.invalidateQueries({ queryKey: ["conversations", "list"] });
    },
  });
}
