// Ask adr: what its list is made of, the first line of each numbered file and the last dated status.
const [home, project] = process.argv.slice(2);
process.chdir(project);
const lib = `${home}/node_modules/adr/build/main/lib`;
require(`${lib}/Config`); // First: its modules require each other in a circle.
const { ListGenerateBuilder } = require(`${lib}/base/ListGenerateBuilder`);
const status = require(`${lib}/StatusHelper`).default;
const path = `${project}/docs/adr/`;

const said = {};
new ListGenerateBuilder(path).setStart([]).setEnd().setBody((_, title, file) => {
  said[file.relativePath] = { title: title.replace(/^#\s*/, ""), status: status.getLatestStatus(path + file.relativePath) };
});
console.log(JSON.stringify(said));
