// In index.html, called by begin.js. A record's text is there long before the code that draws its page: it is shown as it
// came, without what leads or looks elsewhere, and the code draws the same again. `numbers` are those of the contract.
async function showRecord(reply, { numbers, sheets, minutes, words }) {
  // Protobuf's wire format, as far as it is needed here; its library comes with the code.
  const all = (bytes, number) => {
    const found = [];
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * unit;
        if (!(byte > 127)) return value;
      }
    };
    while (at < bytes.length) {
      const tag = varint();
      const kind = tag & 7;
      let value = kind === 0 ? varint() : undefined;
      if (kind !== 0) {
        const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
        value = bytes.subarray(at, at + length);
        at += length;
      }
      if (tag >>> 3 === number) found.push(value);
    }
    return found;
  };
  const made = (tag, className, ...inside) => {
    const element = Object.assign(document.createElement(tag), { className });
    element.append(...inside);
    return element;
  };
  const styled = sheets.map(
    (href) =>
      new Promise((done) => {
        const link = { rel: "stylesheet", href, crossOrigin: "", onload: done, onerror: done };
        document.head.append(Object.assign(document.createElement("link"), link));
      }),
  );
  // In the face in which it stays; one that takes long is not waited for.
  const face = "sized" in document.documentElement.dataset ? "Sized" : "Variable";
  const faces = ["600", "400"].map((weight) => document.fonts.load(`${weight} 1rem "Source Serif 4 ${face}"`));
  const patience = new Promise((done) => setTimeout(done, 600));
  const [body] = await Promise.all([reply.arrayBuffer(), ...styled, Promise.race([Promise.all(faces), patience])]);
  const main = document.querySelector("#root > [aria-busy] > .main");
  if (!reply.ok || main === null) return;
  const text = (bytes) => new TextDecoder().decode(bytes);
  const none = new Uint8Array();
  const [decision] = all(new Uint8Array(body), numbers.decision);
  const [summary] = all(decision, numbers.summary);
  const [html] = all(decision, numbers.html);
  const links = [...all(decision, numbers.links), ...all(decision, numbers.backlinks)];
  // What stands between title and text, and would move it, is drawn by the code.
  const moved = links.some((link) => numbers.lineage.includes(all(link, numbers.kind)[0]));
  const ended = all(decision, numbers.deletedAt).length + all(summary, numbers.successor).length > 0;
  if (html === undefined || moved || ended) return;
  const holder = document.createElement("template");
  holder.innerHTML = text(html);
  for (const one of holder.content.querySelectorAll("[src], [srcset]")) one.remove();
  for (const table of holder.content.querySelectorAll("table")) {
    const frame = made("div", "table-frame");
    table.replaceWith(frame);
    frame.append(table);
  }
  const known = links
    .filter((link) => all(link, numbers.linked).length > 0)
    .map((link) => text(all(link, numbers.target)[0] ?? none));
  for (const one of holder.content.querySelectorAll("[href]")) {
    const written = one.getAttribute("href");
    // The stone of the record that it leads to.
    if (known.some((target) => target === written || target.split("#")[0] === written)) {
      one.dataset.record = "";
      one.prepend(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    }
    one.setAttribute("href", "");
  }
  const { lang } = document.documentElement;
  const said = words[lang];
  const span = (className, ...inside) => made("span", className, ...inside);
  const facts = [span("st", span("g"), span("", said.statuses[all(summary, numbers.status)[0] ?? 0]))];
  facts.push(span("id", text(all(summary, numbers.ref)[0])));
  for (const day of all(summary, numbers.decidedOn)) {
    const place = navigator.languages.find((tag) => tag.startsWith(`${lang}-`)) ?? { en: "en-GB", de: "de-DE" }[lang];
    const format = new Intl.DateTimeFormat(place, { day: "numeric", month: "long", year: "numeric" });
    facts.push(span("num", format.format(new Date(`${text(day)}T12:00`))));
  }
  for (const person of all(summary, numbers.deciders)) facts.push(span("", span("av"), text(person)));
  const tags = all(summary, numbers.tags).map((tag) => span("tag", text(tag)));
  const more = tags.length > 0 ? [span("tags flex-wrap", ...tags)] : [];
  const hash = span("hash", text(all(decision, numbers.contentHash)[0]).slice(0, 6));
  more.push(span("", `${said.version} `, made("a", "", hash)));
  const long = Math.max(1, Math.round(text(all(decision, numbers.body)[0] ?? none).split(/\s+/u).length / 220));
  more.push(span("", said.reading.replace(minutes, long)));
  const title = made("h1", "", text(all(summary, numbers.title)[0]));
  const prose = made("div", "prose mt-7", holder.content);
  const rows = [made("div", "meta", ...facts), title, made("div", "meta", ...more), made("div", "spoken", prose)];
  const article = made("article", "rec", made("span", "toc"), made("div", "doc", ...rows));
  // It cannot be acted on yet.
  article.inert = true;
  main.append(article);
}
