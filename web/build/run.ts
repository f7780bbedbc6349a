import react from "@vitejs/plugin-react";
import { runnerImport } from "vite";

export const ALIAS = {
  "@": new URL("../src", import.meta.url).pathname,
  // The same for a React that has the hook itself, as ours does.
  "use-sync-external-store/shim/with-selector": "use-sync-external-store/with-selector",
};

/** Runs a module of the pages while they are built, and gives what it exports. */
export async function runAtBuild<Module>(path: string): Promise<Module> {
  // What the words ask the browser for when they load: which language.
  Object.assign(globalThis, { localStorage: { getItem: () => "en" }, navigator: { languages: ["en"] } });
  const { module } = await runnerImport<Module>(path, {
    configFile: false,
    plugins: [react()],
    resolve: { alias: ALIAS },
  });
  return module;
}
