import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from '@jest/globals';
import { request } from '../support/account-rest.js';

const doors = ['PERDURE_URL', 'ACCOUNT_URL', 'CART_URL', 'INVENTORY_URL'] as const;

describe.each(doors)('the OpenAPI document at %s', (variable) => {
  it('is one, in version 3.1', async () => {
    const { body } = await request(`${process.env[variable]}/openapi.json`);
    const validator = new Validator();
    expect(await validator.validate(body)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });
});

it('the document of all names each operation once', async () => {
  const { body } = await request(`${process.env['PERDURE_URL']}/openapi.json`);
  const paths = Object.values(body['paths'] as Record<string, Record<string, { operationId: string }>>);
  const ids = paths.flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});
