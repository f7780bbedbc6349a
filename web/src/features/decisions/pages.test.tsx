import { Code, ConnectError } from "@connectrpc/connect";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { createClients } from "@/api/clients";
import { DecisionsService, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { createFakeTransport } from "@/test/fake-server";
import { FakeStore } from "@/test/fake-store";
import { renderAt } from "@/test/render";

// CodeMirror measures what it draws, which this DOM cannot; the end-to-end tests write in the real one.
vi.mock("./editor/markdown-editor", () => ({
  MarkdownEditor: ({ value, label, onChange }: { value: string; label: string; onChange: (value: string) => void }) => (
    <textarea aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />
  ),
}));

const SAVE = { name: "Save version" };

test("the log lists, filters by status into the address, and says when nothing matches", async () => {
  const user = userEvent.setup();
  const { address } = renderAt("/decisions", createFakeTransport());
  await screen.findByText("One manifest takes every seat");
  await user.click(screen.getByRole("checkbox", { name: /Superseded/u }));
  await waitFor(() => expect(screen.queryByText("One manifest takes every seat")).toBeNull());
  expect(screen.getByText("Merge passenger lists at night")).toBeDefined();
  expect(address()).toBe("/decisions?status=superseded");
  await user.type(screen.getByRole("searchbox"), "no such words");
  await screen.findByText("No decisions match");
  await user.click(screen.getByRole("button", { name: "Clear the filters" }));
  await screen.findByText("One manifest takes every seat");
});

test("a record shows its fields, its lineage and links that lead on", async () => {
  renderAt("/decisions/ADR-0012", createFakeTransport());
  await screen.findByRole("heading", { level: 1, name: "One manifest takes every seat" });
  const lineage = screen.getByRole("navigation", { name: "Lineage" });
  expect(within(lineage).getByText("Merge passenger lists at night")).toBeDefined();
  expect(screen.getByRole("link", { name: /the nightly merge/u }).getAttribute("href")).toBe(
    "/decisions/decision-0004",
  );
});

test("a superseded record says first what took its place", async () => {
  renderAt("/decisions/ADR-0004", createFakeTransport());
  await screen.findByText("No longer in force.");
  expect(screen.getByRole("link", { name: "Read that one" }).getAttribute("href")).toBe("/decisions/decision-0012");
});

test("an edit becomes a version", async () => {
  const user = userEvent.setup();
  const store = new FakeStore();
  const { address } = renderAt("/decisions/ADR-0009/edit", createFakeTransport(store));
  await user.type(await screen.findByLabelText("Title"), ", always");
  await user.type(screen.getByLabelText("What changed, and why"), "It was not clear");
  await user.click(screen.getByRole("button", SAVE));
  await waitFor(() => expect(address()).toBe("/decisions/decision-0009"));
  expect(store.find("ADR-0009").versions.map((version) => [version.title, version.message])).toEqual([
    ["Run on two quays", "Imported"],
    ["Run on two quays, always", "It was not clear"],
  ]);
  expect(localStorage.getItem("cairn.draft.decision-0009")).toBeNull();
});

test("when somebody saved first, both texts stand there and mine can follow theirs", async () => {
  const user = userEvent.setup();
  const store = new FakeStore();
  const transport = createFakeTransport(store);
  const { address } = renderAt("/decisions/ADR-0009/edit", transport);
  const text = await screen.findByLabelText("Text, in Markdown");
  await user.type(text, "Mine stays.");
  const content = { title: "Run on two quays", status: Status.ACCEPTED, body: "Theirs came first." };
  await createClients(transport)(DecisionsService).updateDecision({ id: "decision-0009", expectedVersion: 1, content });
  await user.click(screen.getByRole("button", SAVE));

  const conflict = await screen.findByRole("region", { name: "Conflict" });
  expect(conflict.textContent).toContain("Theirs came first.");
  expect((text as HTMLTextAreaElement).value).toContain("Mine stays.");
  await waitFor(() => expect(localStorage.getItem("cairn.draft.decision-0009") ?? "").toContain("Mine stays."));
  await user.click(within(conflict).getByRole("button", { name: "Save mine as version 3" }));
  await waitFor(() => expect(address()).toBe("/decisions/decision-0009"));
  expect(store.find("ADR-0009").versions.map((version) => version.body.includes("Mine stays."))).toEqual([
    false,
    false,
    true,
  ]);
});

test("a draft outlives the page, and can be let go", async () => {
  const user = userEvent.setup();
  const transport = createFakeTransport();
  const first = renderAt("/decisions/ADR-0009/edit", transport);
  await user.type(await screen.findByLabelText("Title"), " one day");
  first.unmount();
  renderAt("/decisions/ADR-0009/edit", transport);
  await screen.findByText(/not saved yet/u);
  expect(screen.getByLabelText<HTMLInputElement>("Title").value).toBe("Run on two quays one day");
  await user.click(screen.getByRole("button", { name: /Begin again/u }));
  expect(screen.getByLabelText<HTMLInputElement>("Title").value).toBe("Run on two quays");
});

test("deleting offers to undo, and undoing brings the record back", async () => {
  const user = userEvent.setup();
  const store = new FakeStore();
  const { address } = renderAt("/decisions/ADR-0009", createFakeTransport(store));
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(address()).toBe("/decisions"));
  expect(store.find("ADR-0009").deleted).toBe(true);
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(address()).toBe("/decisions/decision-0009"));
  expect(store.find("ADR-0009").deleted).toBe(false);
});

test("the server's own words say why a page is not there", async () => {
  renderAt("/decisions/ADR-9999", createFakeTransport());
  await screen.findByText("No decision is called ADR-9999.");
});

test("a server that is away is named, with the next step", async () => {
  const store = new FakeStore();
  store.summary = () => {
    throw new ConnectError("refused", Code.Unavailable);
  };
  renderAt("/decisions", createFakeTransport(store));
  expect(await screen.findByText(/Check that `cairn up` is running/u)).toBeDefined();
});
