import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// A machine that does many things at once is slow, and no reason to fail.
configure({ asyncUtilTimeout: 20_000 });

// jsdom draws nothing: what pages ask about the drawing gets an answer that changes nothing.
class Observer {
  observe = () => undefined;
  disconnect = () => undefined;
}
vi.stubGlobal("IntersectionObserver", Observer);
vi.stubGlobal("ResizeObserver", Observer);
// A reader in Britain: the tests name dates and numbers as they are written there.
vi.spyOn(navigator, "languages", "get").mockReturnValue(["en-GB"]);
vi.stubGlobal("scrollTo", () => undefined);
vi.stubGlobal("matchMedia", () => ({ matches: false }));
Element.prototype.scrollIntoView = () => undefined;
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
  this.open = false;
};

afterEach(() => {
  cleanup();
  localStorage.clear();
});
