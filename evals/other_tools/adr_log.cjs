// Ask adr-log: the lines of the index it writes, "- [file](path) - title".
const [home, project] = process.argv.slice(2);
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const path = require("node:path");

const output = path.join(project, "docs/adr/index.md");
execFileSync(process.execPath, [`${home}/node_modules/adr-log/cli.js`, "-i", "-d", `${project}/docs/adr`, output]);
const said = {};
for (const line of readFileSync(output, "utf8").split("\n")) {
  const match = /^[*-] \[[^\]]*\]\(([^)]*)\) - (.*)$/.exec(line);
  if (match) said[path.basename(decodeURIComponent(match[1]))] = { title: match[2] };
}
console.log(JSON.stringify(said));
