import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { about, LOG_FIELDS } from './log-fields.js';
import { loggerTo } from './logger.js';
import { fieldsOf } from './temporal-runtime.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

it('the fields of a log line are those of the table in docs/operations.md', () => {
  const [, table = ''] = readFileSync('docs/operations.md', 'utf8').split(/^\| field .*$/m);
  const rows = table.split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(named.toSorted()).toEqual([...LOG_FIELDS].sort());
});

it('a line about a command has its entity, id and trace', () => {
  const command = { commandId: 'c-1', traceparent: `00-${TRACE}-b7ad6b7169203331-01`, data: { note: 'x' } };
  expect(about('account-default.a', command)).toEqual({
    entity: 'account-default.a',
    commandId: 'c-1',
    trace: TRACE,
  });
  expect(about('account-default.a')).toEqual({ entity: 'account-default.a' });
});

it('a line without a payload cannot have one by mistake', () => {
  const logger = loggerTo({ write: () => true }, 'spec');
  // @ts-expect-error: a payload is no field
  logger.info({ data: { owner: 'alice' } }, 'it happened');
  // @ts-expect-error: nor is an object a value
  logger.info({ reason: { owner: { name: 'alice' } } }, 'it happened');
});

it("the lines of Temporal's SDK have our fields, and nothing else", () => {
  const error = new Error('it failed');
  const meta = {
    ...{ workflowId: 'account-default.a', runId: 'r-1', workflowType: 'account', attempt: 2 },
    ...{ namespace: 'default', args: [{ owner: 'alice' }], error, sdkComponent: 'worker' },
  };
  expect(fieldsOf(meta)).toEqual({
    entity: 'account-default.a',
    component: 'worker',
    runId: 'r-1',
    workflowType: 'account',
    attempt: 2,
    err: error,
  });
  expect(fieldsOf(undefined)).toEqual({ component: 'temporal' });
});
