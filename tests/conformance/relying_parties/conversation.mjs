// How a website of these tests talks with its driver (driver.py): settings in a file, JSON in lines.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

export const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function load(name) {
  return import(pathToFileURL(createRequire(`${process.env.TEST_TOOLS}/`).resolve(name)).href);
}

// The visitor goes to this address. Answers with the URL at which they come back.
export async function came(url) {
  console.log(JSON.stringify({ open: url.href }));
  return new URL(JSON.parse((await lines.next()).value).came_back);
}

export function finish(result) {
  console.log(JSON.stringify({ done: result }));
  process.exit(0);
}
