import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { SCENES } from './scenes.js';

const DOCS = 'docs';
const IMAGE = /!\[([^\]]*)\]\(pictures\/([^)]+)\)/g;

it('each picture that the pages of docs show is there, has a text, is shown once, and is made by a scene', () => {
  const pages = readdirSync(DOCS).filter((name) => name.endsWith('.md'));
  const shown = pages.flatMap((name) => [...readFileSync(join(DOCS, name), 'utf8').matchAll(IMAGE)]);
  expect(shown.filter(([, text = '']) => text.length < 20)).toEqual([]);
  const files = readdirSync(join(DOCS, 'pictures')).toSorted();
  expect(shown.map(([, , file]) => file).toSorted()).toEqual(files);
  expect(SCENES.map(({ name }) => `${name}.png`).toSorted()).toEqual(files);
});
