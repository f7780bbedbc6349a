import { describe, expect, test } from "vitest";

import { renderMarkdown } from "./markdown";

function dom(source: string, options = {}): HTMLElement {
  const element = document.createElement("div");
  element.innerHTML = renderMarkdown(source, options).html;
  return element;
}

describe("what a record may not do to its reader", () => {
  test.each([
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "[go](javascript:steal())",
    '<a href="javascript:steal()">go</a>',
    "<svg onload=steal()><a href='javascript:steal()'></a></svg>",
    '<iframe srcdoc="<script>steal()</script>"></iframe>',
    "<style>body{display:none}</style>",
    '<p style="position:fixed;inset:0">over everything</p>',
    '<form action="https://elsewhere.example"><input name="password"></form>',
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "```html\n<script>steal()</script>\n```",
    '<math><mi xlink:href="javascript:steal()">x</mi></math>',
  ])("%s runs nothing, styles nothing and asks for nothing", (source) => {
    const element = dom(source);
    expect(element.querySelector("script, iframe, style, form, input, svg, math, object, embed")).toBeNull();
    for (const node of element.querySelectorAll("*")) {
      for (const { name, value } of node.attributes) {
        expect(name).not.toMatch(/^on|^style$/u);
        expect(value).not.toMatch(/^\s*javascript:/iu);
      }
    }
  });

  test("a picture from elsewhere is a link and is not loaded; one inside of the text is shown", () => {
    const element = dom("![Plan](https://elsewhere.example/plan.png) ![Dot](data:image/png;base64,iVBORw0KGgo=)");
    expect([...element.querySelectorAll("img")].map((image) => image.alt)).toEqual(["Dot"]);
    expect(element.querySelector("a")?.href).toBe("https://elsewhere.example/plan.png");
    expect(element.querySelector("a")?.textContent).toContain("Plan");
  });
});

test("headings get the fragments that the server links to, and the page keeps the only first-level heading", () => {
  const { html, outline } = renderMarkdown("# Context\n\n## Options\n\n## Options\n\n### `code` & more");
  expect(outline).toEqual([
    { id: "context", text: "Context", level: 2 },
    { id: "options", text: "Options", level: 2 },
    { id: "options-1", text: "Options", level: 2 },
    { id: "code--more", text: "code & more", level: 3 },
  ]);
  expect(html).not.toContain("<h1");
});

test("a heading of raw HTML does not shift the numbers of those written as Markdown", () => {
  const { outline } = renderMarkdown("<h2>Options</h2>\n\n## Options\n");
  expect(outline.map((entry) => entry.id)).toEqual(["options-1", "options"]);
});

describe("links", () => {
  const links = new Map([["0004-merge.md", { href: "/decisions/d4", stone: "<svg></svg>", title: "ADR-0004 Merge" }]]);

  test("one that names a record leads to it, and keeps its fragment", () => {
    const anchor = dom("[merge](0004-merge.md#context)", { links }).querySelector("a");
    expect(anchor?.getAttribute("href")).toBe("/decisions/d4#context");
    expect(anchor?.querySelector("svg")).not.toBeNull();
  });

  test("one that leads nowhere keeps its words and says so", () => {
    const element = dom("[gone](0099-gone.md)", { links });
    expect(element.querySelector("a")).toBeNull();
    expect(element.querySelector(".dead-link")?.getAttribute("title")).toContain("0099-gone.md");
    expect(element.textContent).toContain("gone");
  });

  test("one that leads out opens apart and tells nobody where it was", () => {
    const anchor = dom("[out](https://example.org)").querySelector("a");
    expect([anchor?.target, anchor?.rel]).toEqual(["_blank", "noreferrer noopener"]);
  });
});

test("markers of known citations become links after a no-break space; others, and code, stay as written", () => {
  const citation = { href: "/decisions/d1#why", status: "accepted", stone: "<svg></svg>", label: "Source 1" };
  const element = dom("True [1]. Not known [2]. `a[1]`", { citations: new Map([[1, citation]]) });
  const markers = [...element.querySelectorAll("a.cite")];
  expect(markers.map((marker) => marker.getAttribute("href"))).toEqual(["/decisions/d1#why"]);
  expect(element.textContent).toContain("True\u00a01. Not known [2]. a[1]");
});

test("a record with a picture of 300 KB inside renders, and nothing of it is lost", () => {
  const picture = "A".repeat(300_000);
  const element = dom(`## Plan\n\n![Plan](data:image/png;base64,${picture})\n\nAfter it.`);
  expect(element.querySelector("img")?.src).toHaveLength(picture.length + "data:image/png;base64,".length);
  expect(element.textContent).toContain("After it.");
});

describe("footnotes", () => {
  const source = "Boats sail[^1] by night[^n]. Again[^1].\n\n[^1]: With *people*.\n[^n]: Or [freight](0004-merge.md).\n";

  test("lead from the text to the note and back to each place that names it", () => {
    const element = dom(source, { idPrefix: "p-" });
    const marks = [...element.querySelectorAll("sup a")];
    expect(marks.map((mark) => [mark.id, mark.getAttribute("href"), mark.textContent])).toEqual([
      ["p-footnote-ref-1", "#p-footnote-1", "1"],
      ["p-footnote-ref-2", "#p-footnote-2", "2"],
      ["p-footnote-ref-1-1", "#p-footnote-1", "1"],
    ]);
    expect([...element.querySelectorAll("[data-footnotes] li")].map((note) => note.id)).toEqual([
      "p-footnote-1",
      "p-footnote-2",
    ]);
    const back = [...element.querySelectorAll("#p-footnote-1 a")].map((anchor) => anchor.getAttribute("href"));
    expect(back).toEqual(["#p-footnote-ref-1", "#p-footnote-ref-1-1"]);
  });

  test("raw HTML cannot take a name of the page by way of one", () => {
    const element = dom('<p data-footnote="main">Here</p><p data-footnote="ref-1 x">There</p>');
    expect(element.querySelector("[id]")).toBeNull();
  });
});
