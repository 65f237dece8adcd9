import { describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import { RouteTable } from './route-table.js';

describe('the routes of a server', () => {
  const server = fastify();
  const routes = new RouteTable();
  routes.watch(server);
  server.get('/v1/things', () => 'list');
  server.post('/v1/things', () => 'made');
  server.get('/v1/things/:id', () => 'one');
  server.get('/openapi.json', () => 'document');

  it.each([
    ['/v1/things', ['GET', 'HEAD', 'POST']],
    ['/v1/things?limit=1', ['GET', 'HEAD', 'POST']],
    ['/v1/things/a.b', ['GET', 'HEAD']],
    ['/v1/things/', []],
    ['/v1/things/a/b', []],
    ['/openapiXjson', []],
    ['/', []],
  ])('%s takes %j', (url, methods) => expect(routes.methodsOf(url)).toEqual(methods));

  it('distinguish a wrong method from a wrong address', () => {
    expect(routes.refusal({ method: 'PUT', url: '/v1/things/a' })).toMatchObject({
      status: 405,
      extras: { headers: { allow: 'GET, HEAD' } },
    });
    expect(routes.refusal({ method: 'GET', url: '/nowhere' })).toMatchObject({ status: 404 });
  });

  it.each(['/v1/things', '/nowhere'])('implement no unknown method, at %s', (url) => {
    expect(routes.refusal({ method: 'BREW', url })).toMatchObject({ status: 501 });
  });
});
