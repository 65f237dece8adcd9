import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from '@jest/globals';
import { SERVICE_NAMES, SERVICES, variableOf } from '#contracts/services.js';
import { request } from '../support/account-rest.js';

const doors = ['PERDURE_URL', ...SERVICE_NAMES.map((name) => variableOf(name, 'URL'))];

describe.each(doors)('the OpenAPI document at %s', (variable) => {
  it('is one, in version 3.1', async () => {
    const { body } = await request(`${process.env[variable]}/openapi.json`);
    const validator = new Validator();
    expect(await validator.validate(body)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });
});

/** Every schema of a document, at any depth. */
function* schemasIn(part: unknown): Generator<Record<string, unknown>> {
  if (typeof part !== 'object' || part === null) return;
  if (!Array.isArray(part)) yield part as Record<string, unknown>;
  for (const one of Object.values(part)) yield* schemasIn(one);
}

it('patterns are plain ECMA-262: no look-around and no classes of Unicode, with the flag `u` and without', async () => {
  const { body } = await request(`${process.env['PERDURE_URL']}/openapi.json`);
  const patterns = [...schemasIn(body)].flatMap(({ pattern }) =>
    typeof pattern === 'string' ? [pattern] : [],
  );
  expect(patterns.length).toBeGreaterThan(50);
  expect(patterns.filter((pattern) => /\\p\{|\(\?(?!:)/i.test(pattern))).toEqual([]);
  for (const flags of ['', 'u']) {
    expect(patterns.map((pattern) => new RegExp(pattern, flags).test(''))).toHaveLength(patterns.length);
  }
});

it('the AsyncAPI document names the topics of all entities, sagas and flows', async () => {
  const { body } = await request(`${process.env['PERDURE_URL']}/asyncapi.json`);
  const channels = Object.values(body['channels'] as Record<string, { address: string }>);
  const addresses = channels.map(({ address }) => address);
  for (const name of SERVICES.flatMap(({ collections }) => Object.keys(collections))) {
    expect(addresses).toContain(`perdure.${name}.events.v1`);
    expect(addresses).toContain(`perdure.${name}.state.v1`);
  }
  expect(addresses).toContain('perdure.account.commands.v1');
  expect(addresses).toContain('perdure.account.commands.v1.dlq');
});

it('the page of problems has a place for every code', async () => {
  const page = await (await fetch(`${process.env['PERDURE_URL']}/docs/problems`)).text();
  for (const code of [
    'REQUEST.TOO_LARGE',
    'REVISION.MISMATCH',
    'ACCOUNT.CLOSED',
    'SAGA.TOO_LATE',
    'FLOW.ENDED',
    'CART.EMPTY',
  ]) {
    expect(page.split(`<tr id="${code}">`)).toHaveLength(2);
  }
});

it('the document of all names each operation once', async () => {
  const { body } = await request(`${process.env['PERDURE_URL']}/openapi.json`);
  const paths = Object.values(body['paths'] as Record<string, Record<string, { operationId: string }>>);
  const ids = paths.flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
