// Ask log4brains: the records that its core lists for its pages.
const [home, project] = process.argv.slice(2);
const { Log4brains } = require(`${home}/node_modules/@log4brains/core`);
const path = require("node:path");

async function main() {
  const found = await Log4brains.create(project).searchAdrs();
  const said = {};
  for (const adr of found) {
    said[path.basename(adr.file.relativePath)] = {
      title: adr.title,
      status: adr.status,
      date: adr.publicationDate,
      deciders: adr.deciders,
    };
  }
  console.log(JSON.stringify(said));
}

main();
