// In index.html after the frame. PIECES names the files and reads of a first visit: build/begin.ts puts them in.
{
  const { entry, files, german, pages, reads, face, reading, record } = PIECES;
  const here = ([path]) => new RegExp(path, "u").test(location.pathname);
  const page = pages.find(here) ?? ["", [], []];
  const wanted = [...files, entry, ...page[1]];
  if (document.documentElement.lang === "de") wanted.push(...german, ...page[2]);
  if (here([reading])) wanted.push(face);
  for (const file of wanted) {
    const kind = file.endsWith(".js") ? "" : file.endsWith(".css") ? "style" : "font";
    const link = Object.assign(document.createElement("link"), {
      rel: kind === "" ? "modulepreload" : "preload",
      as: kind,
      href: `/${file}`,
      // The frame, which stands in the page, and its letters go first.
      fetchPriority: "low",
      crossOrigin: "",
    });
    document.head.append(link);
  }
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    import(`/${entry}`).catch((error) => {
      // A TypeError says that a file did not come; anything else is ours, and is told as such.
      if (!(error instanceof TypeError)) throw error;
      document.querySelector("#root .main [hidden]")?.removeAttribute("hidden");
    });
  };
  // A page that is not painted, as one in a tab behind, begins as well.
  setTimeout(begin, here([record.path]) ? 600 : 300);
  // api/transport.ts takes these where the code asks the same.
  globalThis.cairnBegun = new Map();
  let ref = "";
  try {
    ref = decodeURIComponent(location.pathname.split("/")[2] ?? "");
  } catch {
    // A stray percent sign names no record: the page says so.
  }
  const ask = ([address, message]) => {
    const letters = String.fromCharCode(...new TextEncoder().encode(ref));
    // first-reads.ts writes the name of a record as `$`. A longer one has a length of two bytes; no record's does.
    if (letters.length > 127) return;
    const named = message.replace("\x01$", () => String.fromCharCode(letters.length) + letters);
    const body = Uint8Array.from(named, (letter) => letter.charCodeAt(0));
    const headers = { "content-type": "application/proto", "connect-protocol-version": "1" };
    const answer = fetch(address, { method: "POST", headers, body });
    // Whoever takes it is told; a page that does not want it has nothing to say.
    answer.catch(() => {});
    cairnBegun.set(location.origin + address + named, answer);
    // A text that cannot be shown so is drawn by the code, which says what is wrong.
    const show = (reply) => showRecord(reply.clone(), { ...record, sheets });
    if (message !== named) texts.push(answer.then(show).catch(() => {}));
  };
  const texts = [];
  const sheets = page[1].filter((file) => file.endsWith(".css")).map((file) => `/${file}`);
  for (const read of [...reads.always, ...(reads.pages.find(here)?.[1] ?? [])]) ask(read);
  // The code runs once the frame is painted, and what can be shown without it.
  const painted = () => Promise.all(texts).then(() => requestAnimationFrame(() => setTimeout(begin)));
  new PerformanceObserver(texts.length > 0 ? painted : begin).observe({ type: "paint", buffered: true });
  // They are as old as the page: what it does not begin with is read anew.
  setTimeout(() => cairnBegun.clear(), 5_000);
  // The reading face with optical sizes comes once the page is at rest, and is chosen from the next page on, when the
  // browser has it: to change faces under a reader's eyes would move the lines.
  const size = async () => {
    const found = await document.fonts.load('1rem "Source Serif 4 Sized"');
    if (found.length > 0) localStorage.setItem("cairn.sized", "yes");
  };
  // What keeps the face away keeps the next page with the one it has.
  if (localStorage.getItem("cairn.sized") === null) setTimeout(() => size().catch(() => {}), 3_000);
}
