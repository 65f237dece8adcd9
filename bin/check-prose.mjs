#!/usr/bin/env node
// Checks our English: words to avoid, in any text of the repository, and comments and Markdown prose
// wrapped at 100 columns. Prints file:line, what was found, and what to write instead.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const columns = 100;

/** Alternatives are separated by "|"; a space matches any white space, and the start of a comment line. */
const wordsToAvoid = {
  anew: 'again, or from scratch',
  'nobody can tell': 'is unknown',
  'who tells': 'name it: the finder, the source',
  'defect of ours|defects of ours': 'internal error',
  'goes on|go on|went on|going on|gone on': 'continues, resumes, proceeds',
  beside: 'next to, along with, in addition to',
  whoever: 'anyone who, or name the caller',
  'whatever is not': 'name it: every error that is not',
  'wants a person|want a person|wants people': 'needs attention, investigate',
  'breaks? it off|broken off|broke it off|breaks? off': 'interrupt',
  'none of this|none of these': 'no …, or say what it belongs to',
  'carries them out|carry them out': 'say what is done: publishes, executes',
  'under which is provided': 'injection token of',
  beBorn: 'loadFromStream',
};

/** Text that must stay as it is, and this file, which lists the words. */
const exempt = [
  /\.sql$/, // migrations are compared by checksum
  /^test\/workflow\/histories\//, // recorded
  /^demo\/data\//, // the data set and its description
  /^package-lock\.json$/,
  /^LICENSE$/,
  /^bin\/check-prose\.mjs$/,
];

const gap = String.raw`(?:\s|(?<=\n\s*)(?:\*|//|#|>)\s)+`;
const rules = Object.entries(wordsToAvoid).map(([words, instead]) => ({
  pattern: new RegExp(`(?<![-\\w])(?:${words.replaceAll(' ', gap)})(?![-\\w])`, 'gi'),
  instead,
}));

const lineOf = (text, index) => text.slice(0, index).split('\n').length;

function badWords(text) {
  return rules.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map((match) => ({
      line: lineOf(text, match.index),
      what: `"${match[0].replace(/\s+(\*|\/\/|#|>)?\s*/g, ' ')}": write ${instead}`,
    })),
  );
}

const isComment = (line) => /^\s*(\/\/|\/\*|\*)|\s\/\/ |\/\*.*\*\/\s*$/.test(line);

/** Lines of code with a comment; lines of Markdown outside of tables and code. */
function wrappedLines(file, text) {
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  if (/\.[cm]?[jt]s$/.test(file)) return lines.filter(({ line }) => isComment(line));
  if (!file.endsWith('.md')) return [];
  let isCode = false;
  return lines.filter(({ line }) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return !isCode && !isFence && !/^\s*(\||#)/.test(line);
  });
}

/** A word that is longer than a line cannot be wrapped. */
const canBeWrapped = (line) => /\S\s+\S/.test(line.replace(/^\s*(\/\/|\/?\*+|[-*>]|\d+\.)\s*/, ''));

function longLines(file, text) {
  return wrappedLines(file, text)
    .filter(({ line }) => [...line].length > columns && canBeWrapped(line))
    .map(({ line, number }) => ({
      line: number,
      what: `${[...line].length} columns: wrap at ${columns}`,
    }));
}

function files() {
  const { stdout, status, error } = spawnSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw error ?? new Error('the files cannot be listed: git ls-files failed');
  return stdout.split('\0').filter((file) => file && !exempt.some((pattern) => pattern.test(file)));
}

/** A file that was deleted but not yet staged is still listed. */
function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

const found = files().flatMap((file) => {
  const text = read(file);
  return [...badWords(text), ...longLines(file, text)]
    .sort((a, b) => a.line - b.line)
    .map(({ line, what }) => `${file}:${line}: ${what}`);
});
for (const line of found) console.log(line);
if (found.length > 0) {
  console.error(`${found.length} places to mend (words and widths: bin/check-prose.mjs)`);
  process.exitCode = 1;
}
