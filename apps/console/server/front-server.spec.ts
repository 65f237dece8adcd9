import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { readConfig } from '#libs/api/http/read-config.js';
import { consoleConfig } from './console.config.js';
import { createFrontServer } from './front-server.js';

const logger = pino({ level: 'silent' });
const origin = 'https://shop.example';
const nowhere = {
  ACCOUNT_URL: 'http://127.0.0.1:1',
  CART_URL: 'http://127.0.0.1:1',
  INVENTORY_URL: 'http://127.0.0.1:1',
};

let front: FastifyInstance;
beforeAll(async () => {
  const config = readConfig(consoleConfig, { ...nowhere, CORS_ORIGINS: origin });
  front = await createFrontServer(config, logger);
  await front.ready();
});
afterAll(() => front.close());

describe('the pages', () => {
  it.each(['/', '/docs', '/docs/docs.js', '/docs/assets/swagger-ui-bundle.js'])(
    '%s loads from here only, runs no inline script, and is in no frame',
    async (path) => {
      const { statusCode, headers } = await front.inject(path);
      expect(statusCode).toBe(200);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src|default-src[^;]*unsafe/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
      expect(headers['cache-control']).not.toBe('no-store');
    },
  );

  it('hold no inline script, which the policy would refuse', async () => {
    for (const path of ['/', '/docs']) {
      const { body } = await front.inject(path);
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=/);
    }
  });
});

describe('the console', () => {
  const inBrowser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it.each(['/entities/account', '/entities/account/a.b?tab=events', '/operations/views', '/nothing'])(
    '%s is a page of it for a browser, and never kept',
    async (url) => {
      const { statusCode, headers, body } = await front.inject({ url, headers: inBrowser });
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({ 'cache-control': 'public, max-age=0' });
      expect(headers['content-security-policy']).toContain("style-src 'self';");
      expect(body).toContain('<div id="root">');
    },
  );

  it.each([
    '/v1',
    '/v1/nothing',
    '/assets/nothing.js',
    '/assets',
    '/docs/nothing',
    '/health',
    '/local-users',
  ])('%s is no page of it', async (url) => {
    const { statusCode, headers } = await front.inject({ url, headers: inBrowser });
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it('offers what it knows while services are away', async () => {
    const { statusCode, body } = await front.inject('/console/catalog');
    expect(statusCode).toBe(200);
    const { services } = JSON.parse(body) as { services: { name: string; isAway: boolean }[] };
    expect(services.map(({ name, isAway }) => [name, isAway])).toContainEqual(['account', true]);
  });

  it('leads to the workflow of an entity', async () => {
    const { statusCode, headers } = await front.inject('/temporal/account-default.a%2Fb');
    expect(statusCode).toBe(302);
    expect(headers.location).toBe('http://127.0.0.1:8233/namespaces/default/workflows/account-default.a%2Fb');
  });
});

describe('everything else', () => {
  it.each([
    ['/v1/accounts/a', 503],
    ['/nothing', 404],
    ['/health/live', 200],
  ])('%s is kept by no cache and shown in no page', async (url, status) => {
    const { statusCode, headers } = await front.inject({ url, headers: { origin } });
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'access-control-allow-origin': origin,
    });
  });

  it('answers the preflight of a listed origin itself', async () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const reply = await front.inject({ method: 'OPTIONS', url: '/v1/accounts/a/open', headers });
    expect([reply.statusCode, reply.headers['access-control-allow-origin']]).toEqual([204, origin]);
    const stranger = { ...headers, origin: 'https://evil.example' };
    const refused = await front.inject({ method: 'OPTIONS', url: '/v1/accounts/a/open', headers: stranger });
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
  });
});
