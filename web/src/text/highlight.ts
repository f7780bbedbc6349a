import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import csharp from "highlight.js/lib/languages/csharp";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import protobuf from "highlight.js/lib/languages/protobuf";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = {
  bash,
  csharp,
  diff,
  dockerfile,
  go,
  ini,
  java,
  json,
  kotlin,
  protobuf,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
hljs.registerAliases(["js", "jsx", "ts", "tsx", "javascript"], { languageName: "typescript" });
hljs.registerAliases(["sh", "shell", "console", "zsh"], { languageName: "bash" });
hljs.registerAliases(["toml", "properties"], { languageName: "ini" });

const LONGEST_CODE = 50_000;

/** Colours the code blocks of an element that name a language we know; very long ones stay plain. */
export function highlightIn(element: Element): void {
  for (const code of element.querySelectorAll<HTMLElement>("code[data-language]:not([data-done])")) {
    const language = code.dataset["language"] ?? "";
    const text = code.textContent;
    if (hljs.getLanguage(language) === undefined || text.length > LONGEST_CODE) continue;
    // highlight.js escapes the text that it wraps.
    code.innerHTML = hljs.highlight(text, { language, ignoreIllegals: true }).value;
    code.dataset["done"] = "";
  }
}
