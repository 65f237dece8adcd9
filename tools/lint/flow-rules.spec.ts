import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

type Options = readonly { readonly name?: string; readonly object?: string; readonly property?: string }[];
const { overrides } = JSON.parse(readFileSync('tools/lint/flow-rules.json', 'utf8')) as {
  overrides: [{ rules: Readonly<Record<string, string | readonly ['error', ...Options]>> }];
};
const { rules } = overrides[0];

/** The items of a rule that is a list: globals and properties that flow code may not use. */
function listed(rule: string): string[] {
  const [, ...items] = rules[rule] as ['error', ...Options];
  return items.map(({ name, object, property }) => name ?? [object, property].filter(Boolean).join('.'));
}

const types = `declare module '#libs/core/flow/flow.js' {
  export interface Flow {
    now(): string;
    random(): number;
    version(name: string): boolean;
    call(name: string, data: object): Promise<string>;
    sleep(time: string): Promise<void>;
    each<T>(items: readonly T[], branch: (item: T, f: Flow) => Promise<void>): Promise<void>;
    all<T>(branches: Readonly<Record<string, (f: Flow) => Promise<T>>>): Promise<T[]>;
    entity(kind: object, id: string): { send(command: object): Promise<string> };
  }
}`;
const context = "import type { Flow } from '#libs/core/flow/flow.js';\n";

/** A file with one flow, and perhaps statements before it. */
const file = (body: string, before = '') =>
  `${context}${before}\nexport async function example(input: { readonly id: string }, f: Flow) {\n${body}\nreturn f.call(input.id, {});\n}\n`;

/** An example of each global, in the words of someone who did not know the rule. */
const globals: Readonly<Record<string, string>> = {
  Date: 'const now = Date.now();',
  performance: 'const begun = performance.now();',
  crypto: 'const key = crypto.randomUUID();',
  setTimeout: 'setTimeout(() => input.id, 1000);',
  setInterval: 'setInterval(() => input.id, 1000);',
  setImmediate: 'setImmediate(() => input.id);',
  queueMicrotask: 'queueMicrotask(() => input.id);',
  AbortSignal: 'const limit = AbortSignal.timeout(1000);',
  Promise: 'await Promise.all([input.id]);',
  process: 'const region = process.env["REGION"];',
  globalThis: 'const any = globalThis;',
  global: 'const any = global;',
  console: 'console.log(input.id);',
  fetch: 'const reply = await fetch(input.id);',
  XMLHttpRequest: 'const request = new XMLHttpRequest();',
  WebSocket: 'const socket = new WebSocket(input.id);',
  EventSource: 'const source = new EventSource(input.id);',
  require: 'const fs = require("fs");',
  Worker: 'const worker = new Worker(input.id);',
  MessageChannel: 'const channel = new MessageChannel();',
  BroadcastChannel: 'const channel = new BroadcastChannel(input.id);',
  Atomics: 'Atomics.wait(new Int32Array(1), 0, 0);',
  SharedArrayBuffer: 'const shared = new SharedArrayBuffer(8);',
  WeakRef: 'const weak = new WeakRef(input);',
  FinalizationRegistry: 'const registry = new FinalizationRegistry(() => undefined);',
  Intl: 'const text = new Intl.NumberFormat().format(1);',
  eval: 'const value: unknown = eval(input.id);',
  Function: 'const run = Function("return 1");',
};

const properties: readonly (readonly [property: string, code: string])[] = [
  ['Math.random', 'const luck = Math.random();'],
  ['then', 'return f.call("a", {}).then((value) => value);'],
  ['catch', 'return f.call("a", {}).catch(() => undefined);'],
  ['finally', 'return f.call("a", {}).finally(() => undefined);'],
  ['toLocaleString', 'const text = input.id.length.toLocaleString();'],
  ['toLocaleDateString', 'const text = (input as never as Date).toLocaleDateString();'],
  ['toLocaleTimeString', 'const text = (input as never as Date).toLocaleTimeString();'],
  ['localeCompare', 'const order = input.id.localeCompare("b");'],
];

/** By rule: what the example shows, and the example. */
const others: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'typescript/no-floating-promises': {
    'a call that is not awaited': file('f.call("a", {});'),
    'a wait that is thrown away': file('void f.sleep("1d");'),
    'a command that is not awaited': file('f.entity({}, input.id).send({});'),
  },
  'flow/await-at-once': {
    'a call that is awaited later': file('const a = f.call("a", {});\nawait f.sleep("1d");\nawait a;'),
    'a command that is awaited later': file('const a = f.entity({}, "a").send({});\nawait a;'),
    'calls in an array': file('const all = [f.call("a", {})];\nfor (const one of all) await one;'),
    'calls in a loop over a list': file('const all = ["a"].map((name) => ({ call: f.call(name, {}) }));'),
    'calls for each item of a list': file('const all = ["a"].map((name) => f.call(name, {}));'),
    'an async function for each item of a list': file(
      'input.id.split(" ").forEach(async (name) => { await f.call(name, {}); });',
    ),
    'a function of the file that is awaited later': file(
      'const a = step(f);\nawait a;',
      'async function step(f: Flow) { await f.sleep("1d"); }',
    ),
    'an arrow function of the file that is awaited later': file(
      'const step = async () => { await f.sleep("1d"); };\nconst a = step();\nawait a;',
    ),
    'a call that is chosen and awaited later': file(
      'const a = input.id ? f.call("a", {}) : undefined;\nawait a;',
    ),
  },
  'flow/no-module-state': {
    'a variable': file('count += 1;', 'let count = 0;'),
    'an exported variable': file('', 'export let count = 0;'),
    'a Map': file('', 'const seen = new Map<string, number>();'),
    'a Set': file('', 'export const seen = new Set<string>();'),
    'a WeakMap': file('', 'const seen = new WeakMap();'),
    'an Array': file('', 'const seen = new Array<string>(2);'),
    'an Array without new': file('', 'const seen = Array(2);'),
    'a list that grows': file('seen.push(input.id);', 'const seen: string[] = [];'),
    'an element that is set': file('seen[0] = input.id;', 'const seen: string[] = [];'),
    'a property that is set': file('last.id = input.id;', 'const last = { id: "" };'),
    'a nested property that is counted': file('sums.day.n++;', 'const sums = { day: { n: 0 } };'),
    'a property that is deleted': file('delete last.id;', 'const last: { id?: string } = {};'),
    'an object that is assigned to': file('Object.assign(last, input);', 'const last = { id: "" };'),
    'a change through a cast': file(
      '(last as { id: string }).id = "a";',
      'const last = { id: "" } as const;',
    ),
    'an imported object that is changed': file('limits.day = 1;', "import { limits } from './limits.js';"),
    'an expression that remembers where it was': file('digits.test(input.id);', 'const digits = /\\d/g;'),
    'a static field': file('', 'class Counter { static count = 0; }'),
  },
  'flow/allowed-imports': {
    'a module of Node': file('', "import { readFileSync } from 'node:fs';"),
    'a module of Node by its old name': file('', "import { createConnection } from 'net';"),
    'a package': file('', "import { v4 } from 'uuid';"),
    threads: file('', "import { Worker as Thread } from 'node:worker_threads';"),
    'another library': file('', "import { within } from '#libs/runtime/within.js';"),
    'a type of another library': file('', "import type { Kafka } from '#libs/kafka/kafka.js';"),
    'a contract by value': file('', "import { account } from '#contracts/account/account.contract.js';"),
    activities: file('', "import { activities } from '../activities/activities.js';"),
    'a path that leaves the folder': file('', "import { main } from './../main.js';"),
    'an export of another module': file('', "export { v4 } from 'uuid';"),
    'all exports of another module': file('', "export * from 'uuid';"),
    'a module loaded at run time': file("const fs = await import('node:fs');"),
  },
};

const allowed: Readonly<Record<string, string>> = {
  'time, chance and waiting by f': file('if (f.random() > 0.5) await f.sleep(f.now());'),
  'branches by f': file(
    'await f.all({ a: (f) => f.call("a", {}), b: async (f) => { await f.sleep("1d"); return ""; } });',
  ),
  'a branch for each item': file('await f.each(["a"], async (name, f) => { await f.call(name, {}); });'),
  'functions of the file, awaited': file(
    'await step(f);\nconst key = keyOf(f);',
    'const keyOf = (f: Flow) => f.now();\nasync function step(f: Flow) { await f.sleep(keyOf(f)); }',
  ),
  'a choice of calls': file('await (f.version("new") ? f.call("a", {}) : f.call("b", {}));'),
  'a command, awaited': file('const sent = await f.entity({}, input.id).send({});\nif (sent) return sent;'),
  'a promise as a type': file('', 'export type Later = Promise<Date>;'),
  'a parameter with the name of a global': file(
    '',
    'const show = (process: { id: string }) => process.id;\nexport { show };',
  ),
  'a name that others use for a method of f': file(
    '',
    'export const ask = (desk: { call(): string }) => [desk.call()];',
  ),
  constants: file('', "export const limits = { day: 1 } as const;\nexport const names = ['a', 'b'];"),
  'a fixed list': file('', "export const known: ReadonlySet<string> = new Set(['a']);"),
  'a fixed map': file('', "export const known: ReadonlyMap<string, number> = new Map([['a', 1]]);"),
  'an expression without memory': file('if (digits.test(input.id)) return "";', 'const digits = /^\\d+$/;'),
  'a collection inside the function': file('const seen = new Set<string>();\nseen.add(input.id);'),
  'a copy that is changed': file('const own = [...names];\nown.push(input.id);', "const names = ['a'];"),
  'a constant of a class': file('', 'export class Limits { static readonly day = 1; }'),
  'the kind of an entity': file('', "export { Account } from '#contracts/account/account.kind.js';"),
  'the kind of an example': file('', "export { Book } from '../book.kind.js';"),
  'a kind in another folder': file('', "export { Book } from '../../library/domain/book.kind.js';"),
  'types of a contract': file(
    '',
    "import type { AccountCommand } from '#contracts/account/account.contract.js';\nexport type C = AccountCommand;",
  ),
  'types of the contract of an example': file('', "export type { BookCommand } from '../book.contract.js';"),
  'plain code of the libraries': file('', "export { latest } from '#libs/core/timestamp.js';"),
  'rules of the domain': file('', "export { fee } from '../domain/fee.js';"),
  'a file next to it': file('', "export { remind } from './steps/remind.js';"),
};

const folder = mkdtempSync(join(tmpdir(), 'flow-rules-'));
const written: string[] = [];

function write(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return path;
}

/** Writes an example where the flows of an app are. Returns its path. */
function example(text: string, directory = 'apps/any/src/flows'): string {
  const path = `${directory}/example-${written.length}.flow.ts`;
  written.push(write(path, text));
  return path;
}

interface Finding {
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly filename: string;
}

let findings: readonly Finding[] = [];

/** `eslint(no-restricted-globals)` and `typescript(…)` as the configuration names them. */
const ruleOf = ({ code }: Finding) =>
  code.replace(/^eslint\((.+)\)$/, '$1').replace(/^(.+)\((.+)\)$/, '$1/$2');

/** The rules for flow code that an example breaks. */
const broken = (path: string) =>
  findings.filter((finding) => finding.filename === path && ruleOf(finding) in rules);

/** Lints all examples in one run, with the configuration of this repository. */
function lint(): readonly Finding[] {
  cpSync('.oxlintrc.json', join(folder, '.oxlintrc.json'));
  cpSync('tools/lint', join(folder, 'tools/lint'), { recursive: true });
  write('types.d.ts', types);
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, types: [] };
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['apps', 'examples', 'types.d.ts'] }));
  const program = join(process.cwd(), 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--type-aware', '--format', 'json', 'apps', 'examples'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout.startsWith('{')) throw new Error(`the linter failed: ${stdout}${stderr}`);
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
}

beforeAll(() => {
  findings = lint();
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function forbids(rule: string, name: string, text: string, mention: string): void {
  const path = example(text);
  test(`${rule} forbids ${name}`, () => {
    const found = broken(path);
    expect(found.map(ruleOf)).toEqual([rule]);
    expect(`${found[0]?.message} ${found[0]?.help}`).toContain(mention);
  });
}

describe('flow code', () => {
  for (const [name, code] of Object.entries(globals)) {
    forbids('no-restricted-globals', name, file(code), `'${name}'`);
  }
  for (const [name, code] of properties) {
    forbids('no-restricted-properties', name, file(code), name);
  }
  for (const [rule, examples] of Object.entries(others)) {
    for (const [name, text] of Object.entries(examples)) forbids(rule, name, text, '');
  }

  for (const [name, text] of Object.entries(allowed)) {
    const path = example(text);
    test(`may have ${name}`, () => expect(broken(path)).toEqual([]));
  }

  test('every rule has its example', () => {
    expect(Object.keys(globals)).toEqual(listed('no-restricted-globals'));
    expect(properties.map(([name]) => name)).toEqual(listed('no-restricted-properties'));
    const shown = ['no-restricted-globals', 'no-restricted-properties', ...Object.keys(others)];
    expect(shown.toSorted()).toEqual(Object.keys(rules).toSorted());
  });
});

describe('the rules', () => {
  const clock = file('const now = Date.now();');

  for (const directory of ['apps/cart/src/flows/steps', 'examples/05-a-flow/flows']) {
    const path = example(clock, directory);
    test(`apply to ${directory}`, () => expect(broken(path).map(ruleOf)).toEqual(['no-restricted-globals']));
  }

  const elsewhere = example(clock, 'apps/cart/src/api');
  test('apply to flow code only', () => expect(broken(elsewhere)).toEqual([]));

  test('are all explained', () => {
    const page = readFileSync('docs/flow-determinism.md', 'utf8');
    const names = [...Object.keys(globals), ...properties.map(([name]) => name), ...Object.keys(rules)];
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
