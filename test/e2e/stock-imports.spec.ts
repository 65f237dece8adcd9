import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { eachOf } from '#libs/runtime/each-of.js';
import { authorized } from '#libs/testing/authorized.js';
import { killServer } from '#tools/dev-stack/kill-server.js';
import { eventually, insistOn, post, read, request } from '../support/account-rest.js';
import { depthOf, isLong } from '../support/depth.js';
import { bearerOf } from '../support/tokens.js';

const url = (path: string): string => `${process.env['PERDURE_URL']}${path}`;
const IMPORTS = '/v1/stock-imports';
const ROWS_AN_ITEM = depthOf('IMPORT_ROWS_AN_ITEM');
const HEADER = 'sku,command,quantity,reason,reference';
/** A million rows take the better part of an hour on two slow cores. */
const PATIENCE_MILLISECONDS = isLong ? 5_400_000 : 900_000;
const READ_AT_A_TIME = 32;

/** A line of a file, and what it would change if it counts. */
interface Written {
  readonly text: string;
  readonly sku?: string;
  readonly pieces?: number;
}

/** Receipts, corrections of which some are impossible, and lines that are no rows. */
function lineAt(index: number, skus: readonly string[]): Written {
  const sku = skus[(index * 7) % skus.length] ?? '';
  if (index % 97 === 96) return { text: `${sku},receive,none,,` };
  if (index % 101 === 100) return { text: `"${sku},receive,1,,` };
  if (index % 13 === 12) return { text: `${sku},adjust,-5000000,too much,`, sku, pieces: -5_000_000 };
  if (index % 11 === 10) return { text: `${sku},adjust,2,"counted, twice",`, sku, pieces: 2 };
  const pieces = 1 + (index % 9);
  return { text: `${sku},receive,${pieces},,delivery ${index}`, sku, pieces };
}

function fileOf(rows: number) {
  const unique = randomUUID();
  const skus = Array.from({ length: Math.ceil(rows / ROWS_AN_ITEM) }, (_, item) => `imp-${item}-${unique}`);
  const lines = Array.from({ length: rows }, (_, index) => lineAt(index, skus));
  return { skus, lines, text: [HEADER, ...lines.map(({ text }) => text)].join('\r\n') };
}

function upload(body: string, headers: Record<string, string> = {}) {
  const init = { method: 'POST', headers: { 'content-type': 'text/csv', ...headers }, body };
  return request(url(IMPORTS), { ...init, signal: AbortSignal.timeout(120_000) });
}

const importAt = (id: string, path = '') => url(`${IMPORTS}/${id}${path}`);

interface Reported {
  readonly line: number;
  readonly outcome: string;
  readonly code?: string;
}

/** The rows of a report, which are read apart from the code that wrote them. */
async function report(id: string, name: 'rejects' | 'results'): Promise<readonly Reported[]> {
  const reply = await fetch(importAt(id, `/${name}`), { headers: authorized() });
  expect(reply.status).toBe(200);
  return (await reply.text())
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Reported);
}

async function stockOf(sku: string) {
  const { status, body } = await read(url(`/v1/inventory/${sku}`));
  return status === 404
    ? { onHand: 0, revision: -1 }
    : { onHand: body['onHand'], revision: body['revision'] };
}

async function stocksOf(skus: readonly string[]) {
  const found: unknown[] = [];
  await eachOf([...skus.entries()], READ_AT_A_TIME, async ([place, sku]) => {
    found[place] = await stockOf(sku);
  });
  return found as readonly Awaited<ReturnType<typeof stockOf>>[];
}

const ended = (id: string) =>
  eventually(
    () => read(importAt(id)),
    ({ body }) => body['endedAt'] !== undefined,
    PATIENCE_MILLISECONDS,
  );

/** Waits until this many rows have an outcome, or no more will have one by themselves. */
const handled = (id: string, rows: number) =>
  eventually(
    () => read(importAt(id)),
    ({ body }) =>
      Number(body['rows']) - Number(body['left']) >= rows ||
      /^(waiting|stopped)$/.test(String(body['status'])),
    PATIENCE_MILLISECONDS,
  );

describe('an import of stock', () => {
  it(
    'accounts for every row, whatever is killed, and counts once',
    async () => {
      const rows = depthOf('IMPORT_ROWS');
      const { skus, lines, text } = fileOf(rows);
      const digest = `sha-256=:${createHash('sha256').update(text).digest('base64')}:`;
      const taken = await upload(text, { 'content-digest': digest });
      expect(taken).toMatchObject({ status: 202, body: { failed: 0 } });
      const id = String(taken.body['id']);
      expect(taken.headers.get('location')).toBe(`${IMPORTS}/${id}`);
      const kills = depthOf('IMPORT_KILLS');
      for (let kill = 0; kill < kills; kill += 1) {
        // The first while the rows are read, the others while they are sent.
        if (kill > 0) await handled(id, (rows * kill) / kills);
        killServer('inventory');
      }
      // A row whose outcome stayed unknown may be retried.
      const settled = await eventually(
        () => read(importAt(id)),
        ({ body }) =>
          body['endedAt'] !== undefined || body['status'] === 'waiting' || body['status'] === 'stopped',
        PATIENCE_MILLISECONDS,
      );
      if (settled.body['endedAt'] === undefined)
        await insistOn(importAt(id, '/retry-failed'), randomUUID(), {});
      const { body: view } = await ended(id);
      expect(view).toMatchObject({ status: 'completed', rows, failed: 0, left: 0 });

      const results = await report(id, 'results');
      const rejects = await report(id, 'rejects');
      const applied = results.filter(({ outcome }) => outcome === 'applied');
      expect(view).toMatchObject({ applied: applied.length, rejected: rejects.length });
      const accounted = [...applied, ...rejects].map(({ line }) => line).toSorted((a, b) => a - b);
      expect(accounted).toEqual(lines.map((_, index) => index + 2));
      for (const { line, code } of rejects) {
        const { sku, pieces = 0 } = lines[line - 2] ?? { text: '' };
        if (sku === undefined) expect(code).toMatch(/^ROW\./);
        else if (pieces < 0) expect(['STOCK.RESERVED', 'STOCK.NOT_FOUND']).toContain(code);
        // A correction may come before the first receipt. A receipt is never rejected.
        else
          expect([code, lines[line - 2]?.text]).toEqual([
            'STOCK.NOT_FOUND',
            expect.stringContaining('adjust'),
          ]);
      }
      const sums = new Map(skus.map((sku) => [sku, 0]));
      for (const { line } of applied) {
        const { sku = '', pieces = 0 } = lines[line - 2] ?? { text: '' };
        sums.set(sku, (sums.get(sku) ?? 0) + pieces);
      }
      const before = await stocksOf(skus);
      expect(before.map(({ onHand }) => onHand)).toEqual(skus.map((sku) => sums.get(sku)));

      expect(await upload(text)).toMatchObject({ status: 202, body: { id, status: 'completed' } });
      expect(await stocksOf(skus)).toEqual(before);
    },
    2 * PATIENCE_MILLISECONDS,
  );

  it('reports as CSV, is listed, and is steered', async () => {
    const sku = `imp-${randomUUID()}`;
    const { body } = await upload(`sku,command,quantity\n${sku},receive,3\n${sku},receive,"x""y"\n`);
    const id = String(body['id']);
    await ended(id);
    const csv = await fetch(importAt(id, '/rejects'), { headers: { ...authorized(), accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(await csv.text()).toBe(
      'line,sku,outcome,code,detail,commandId,revision\r\n' +
        '3,,rejected,ROW.INVALID,"quantity: Invalid input: expected number, received string",,\r\n',
    );
    await eventually(
      () => read(url(`${IMPORTS}?status=completed&limit=200`)),
      ({ body: page }) => JSON.stringify(page).includes(id),
    );
    const late = await post(importAt(id, '/pause'), {}, { prefer: 'wait=10' });
    expect(late).toMatchObject({ status: 409, body: { code: 'FLOW.ENDED' } });
  });

  it('is paused, resumed and cancelled; imported again, it applies what was left', async () => {
    const sku = `imp-${randomUUID()}`;
    const rows = 3_000;
    const text = ['sku,command,quantity', ...Array.from({ length: rows }, () => `${sku},receive,1`)].join(
      '\n',
    );
    const id = String((await upload(text)).body['id']);
    const tell = (verb: string, data: object = {}) =>
      insistOn(importAt(id, `/${verb}`), randomUUID(), data, { prefer: 'wait=10' });
    const until = async (status: string) =>
      (await eventually(
        () => read(importAt(id)),
        ({ body }) => body['status'] === status,
      )) as { body: Record<string, number> };
    await tell('pause');
    const { body: paused } = await until('paused');
    expect(paused['left']).toBeGreaterThan(0);
    expect((await stockOf(sku)).onHand).toBe(paused['applied']);
    await tell('resume');
    await eventually(
      () => stockOf(sku),
      ({ onHand }) => Number(onHand) > Number(paused['applied']),
    );
    await tell('pause');
    await until('paused');
    await tell('cancel', { reason: 'it was the wrong file' });
    const { body: cancelled } = await ended(id);
    expect(cancelled).toMatchObject({ status: 'cancelled', rows });
    const { onHand } = await stockOf(sku);
    expect(onHand).toBe(cancelled['applied']);
    expect(Number(onHand)).toBeLessThan(rows);

    const { body: again } = await upload(text);
    expect(again['id']).toBe(`${id}.2`);
    expect((await ended(`${id}.2`)).body).toMatchObject({ status: 'completed', applied: rows });
    expect(await stockOf(sku)).toEqual({ onHand: rows, revision: rows - 1 });
  });

  it('takes NDJSON', async () => {
    const sku = `imp-${randomUUID()}`;
    const row = JSON.stringify({ sku, command: 'receive', quantity: 4 });
    const { body } = await upload(`${row}\n`, { 'content-type': 'application/x-ndjson' });
    expect((await ended(String(body['id']))).body).toMatchObject({ rows: 1, applied: 1 });
    expect(await stockOf(sku)).toMatchObject({ onHand: 4 });
  });
});

describe('a file that is not imported', () => {
  const file = `${HEADER}\n`;
  const other = createHash('sha256').update('other').digest('base64');

  it.each([
    ['with another digest', file, { 'content-digest': `sha-256=:${other}:` }, 400, 'REQUEST.INVALID_HEADER'],
    ['without the columns of a row', 'sku,price\n', {}, 422, 'IMPORT.INVALID_HEADER'],
    ['as JSON', '{}', { 'content-type': 'application/json' }, 415, 'REQUEST.UNSUPPORTED_MEDIA_TYPE'],
    ['as anything else', 'x', { 'content-type': 'text/plain' }, 415, 'REQUEST.UNSUPPORTED_MEDIA_TYPE'],
  ])('%s is refused at once', async (_, body, headers, status, code) => {
    expect(await upload(body, headers)).toMatchObject({ status, body: { code } });
  });

  it('of a customer is refused', async () => {
    expect(await upload(file, await bearerOf('alice'))).toMatchObject({
      status: 403,
      body: { code: 'ACCESS.DENIED' },
    });
  });

  it('is refused where no file is expected', async () => {
    const headers = { 'content-type': 'text/csv', ...authorized() };
    const reply = await fetch(url('/v1/inventory/x/receive'), { method: 'POST', headers, body: file });
    expect(reply.status).toBe(415);
  });
});
