import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { AccessControl } from '#libs/api/http/access-control.provider.js';
import { EndingRequests } from '#libs/api/http/ending-requests.provider.js';
import { createHttpApp } from '#libs/api/http/http-app.js';
import { RequestLog } from '#libs/api/http/problem.filter.js';
import { RequestLimits } from '#libs/api/http/request-limits.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import { UnavailableError } from '#libs/core/problems.js';
import { EntityGateway, type Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { AnonymousAuthenticator, Authenticator } from '#libs/identity/authenticator.js';
import { limitsOf, limitVariables } from '#libs/service/limit-config.js';
import { z } from 'zod';
import { webhookProviders } from './webhook-providers.js';
import { WebhookProviders, WebhooksController } from './webhooks.controller.js';

const secretOf = (text: string) => `whsec_${Buffer.from(text.padEnd(24, '.')).toString('base64')}`;
const [current, former, foreign] = ['current', 'former', 'foreign'].map(secretOf) as [string, string, string];
const registered = {
  card: { secretsVariable: 'CARD', key: '/data/id', maxBytes: 1_000 },
  slow: { secretsVariable: 'CARD', key: '/id', toleranceSeconds: 3_600, tenant: 'acme' },
};

/** Decides each command once, as entities do. */
class FakeEntities {
  readonly sent: { readonly stream: string; readonly envelope: CommandEnvelope }[] = [];
  answer: 'accepts' | 'is slow' | 'is away' | 'is full' = 'accepts';
  private readonly decided = new Map<string, string>();

  async execute(stream: string, [envelope]: readonly CommandEnvelope[]): Promise<readonly Receipt[]> {
    if (this.answer === 'is away') throw new UnavailableError('temporal');
    const { commandId, keyId = commandId } = envelope as CommandEnvelope;
    if (this.answer === 'is slow') return [{ status: 'pending', commandId }];
    const of = { commandId, revision: 0, at: '2100-01-01T00:00:00.000Z' };
    if (this.answer === 'is full')
      return [{ ...of, status: 'rejected', code: 'CALLBACK.FULL', detail: '100 messages' }];
    const replayed = this.decided.has(keyId);
    if (replayed && this.decided.get(keyId) !== commandId) {
      return [{ ...of, status: 'rejected', code: 'IDEMPOTENCY.KEY_REUSED', detail: 'another' }];
    }
    if (!replayed) this.sent.push({ stream, envelope: envelope as CommandEnvelope });
    this.decided.set(keyId, commandId);
    return [{ ...of, status: 'accepted', events: ['CallbackReceived'], replayed }];
  }
}

let entities = new FakeEntities();
let app: NestFastifyApplication;
const lines: string[] = [];
const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });

beforeAll(async () => {
  const CARD = `${current}\n${former}\n`;
  const providers = new WebhookProviders(webhookProviders(JSON.stringify(registered), { CARD }));
  const limits = limitsOf(z.object(limitVariables).parse({ LIMIT_CREDENTIALS: 2 }));
  const gateway = { execute: (...of: Parameters<FakeEntities['execute']>) => entities.execute(...of) };
  const values = [
    { provide: EntityGateway, useValue: gateway },
    { provide: WebhookProviders, useValue: providers },
    { provide: Authenticator, useValue: new AnonymousAuthenticator() },
    { provide: RequestLog, useValue: { logger } },
  ];
  class WebhookModule {}
  const module: DynamicModule = {
    module: WebhookModule,
    controllers: [WebhooksController],
    // Each test has credentials of its own to spend, because each has an address of its own.
    providers: [
      ...values,
      { provide: RequestLimits, useValue: new RequestLimits(limits) },
      AccessControl,
      EndingRequests,
    ],
  };
  app = await createHttpApp(module, logger, { proxies: ['127.0.0.1'] });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

let tests = 0;
beforeEach(() => {
  entities = new FakeEntities();
  lines.length = 0;
  tests += 1;
});

interface Sent {
  readonly provider?: string;
  readonly id?: string;
  readonly body?: string;
  readonly secret?: string;
  /** In seconds. */
  readonly age?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const body = JSON.stringify({ data: { id: 'pay_1' }, state: 'succeeded' });

/** Sends a webhook that the package of the specification has signed. */
async function send({ provider = 'card', id = 'w-1', age = 0, secret = current, ...more }: Sent = {}) {
  const { body: text = body } = more;
  const at = new Date(Date.now() - age * 1_000);
  const reply = await app.inject({
    method: 'POST',
    url: `/v1/callbacks/${provider}`,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, text),
      'x-forwarded-for': `10.0.0.${tests}`,
      ...more.headers,
    },
    payload: text,
  });
  return { status: reply.statusCode, headers: reply.headers, body: reply.json<Record<string, unknown>>() };
}

describe('a webhook', () => {
  it('is stored, and then accepted', async () => {
    expect(await send()).toMatchObject({ status: 200, body: { status: 'accepted', id: 'card:pay_1' } });
    expect(entities.sent).toMatchObject([
      {
        stream: 'callback-default.card:pay_1',
        envelope: {
          type: 'Receive',
          data: { provider: 'card', webhookId: 'w-1', payload: JSON.parse(body) as object },
          actor: 'provider:card',
        },
      },
    ]);
    expect(entities.sent[0]?.envelope).not.toHaveProperty('sender');
  });

  it('is stored once, whenever and however often it is sent', async () => {
    await send();
    const again = await send({ age: 100 });
    expect(again).toMatchObject({ status: 200, headers: { 'idempotent-replayed': 'true' } });
    await send({ id: 'w-2' });
    expect(entities.sent).toHaveLength(2);
  });

  it('is not accepted with other content under an id that was used', async () => {
    await send();
    const other = JSON.stringify({ data: { id: 'pay_1' }, state: 'failed' });
    expect(await send({ body: other })).toMatchObject({ body: { code: 'IDEMPOTENCY.KEY_REUSED' } });
  });

  it.each([current, former])('may be signed with any secret of its provider', async (secret) => {
    expect(await send({ secret })).toMatchObject({ status: 200 });
  });

  it('may have several signatures, of which one is enough', async () => {
    const at = new Date();
    const signatures = [foreign, former].map((one) => new Webhook(one).sign('w-1', at, body)).join(' ');
    const headers = { 'webhook-signature': `v1a,abc ${signatures}` };
    expect(await send({ headers })).toMatchObject({ status: 200 });
  });

  it('is verified by the bytes that came, not by what they mean', async () => {
    const spaced = `{ "data":{"id" : "pay_1"},\n"amount": 1.50, "text": "\\u00e9" }`;
    expect(await send({ body: spaced })).toMatchObject({ status: 200 });
  });

  it('belongs to the tenant of its provider', async () => {
    await send({ provider: 'slow', body: '{"id":7}' });
    expect(entities.sent).toMatchObject([{ stream: 'callback-acme.slow:7' }]);
  });

  it.each(['{"data":{}}', '{"data":{"id":""}}', '{"data":{"id":{}}}', '{"data":"pay_1"}', '{}'])(
    'in which no key is found is stored by itself: %s',
    async (text) => {
      expect(await send({ body: text })).toMatchObject({ status: 200, body: { id: 'card:unmatched-w-1' } });
    },
  );

  it('may have a key that no entity id can have', async () => {
    const { body: answer } = await send({ body: JSON.stringify({ data: { id: 'a b/ü' } }) });
    expect(answer['id']).toMatch(/^card:sha256:[0-9a-f]{64}$/);
  });
});

describe('a webhook that is not stored', () => {
  it.each([
    ['is slow', 503, 'COMMAND.OUTCOME_UNKNOWN'],
    ['is away', 503, 'ENGINE.UNAVAILABLE'],
    ['is full', 429, 'CALLBACK.FULL'],
  ] as const)('is not accepted: its callback %s', async (answer, status, code) => {
    entities.answer = answer;
    const reply = await send();
    expect(reply).toMatchObject({ status, body: { code } });
    if (status === 503) expect(reply.headers['retry-after']).toBe('2');
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it('is accepted once it is', async () => {
    entities.answer = 'is slow';
    await send();
    entities.answer = 'accepts';
    expect(await send()).toMatchObject({ status: 200 });
  });
});

describe('what is refused:', () => {
  const refused = async (sent: Sent, status: number, code: string) => {
    expect(await send(sent)).toMatchObject({ status, body: { code } });
    expect(entities.sent).toEqual([]);
  };

  it('a provider that is not configured', () =>
    refused({ provider: 'nobody' }, 404, 'WEBHOOK.UNKNOWN_PROVIDER'));

  it.each([
    ['with another secret', { secret: foreign }],
    ['of another id', { headers: { 'webhook-id': 'w-2' } }],
    ['of another time', { headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 9) } }],
    ['of another time, written otherwise', { headers: { 'webhook-timestamp': '1e9' } }],
    ['that is none', { headers: { 'webhook-signature': 'v1,' } }],
    [
      'without its version',
      { headers: { 'webhook-signature': new Webhook(current).sign('w-1', new Date(), body).slice(3) } },
    ],
  ])('a signature %s', (_, sent: Sent) => refused(sent, 401, 'WEBHOOK.INVALID_SIGNATURE'));

  it('a body that was changed', async () => {
    const at = new Date();
    const headers = { 'webhook-signature': new Webhook(current).sign('w-1', at, `${body} `) };
    await refused({ headers }, 401, 'WEBHOOK.INVALID_SIGNATURE');
  });

  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('a webhook without %s', (name) =>
    refused({ headers: { [name]: '' } }, 401, 'WEBHOOK.INVALID_SIGNATURE'),
  );

  it.each([310, -310])('a time that differs by %d s, however well it is signed', (age) =>
    refused({ age }, 400, 'WEBHOOK.TOO_OLD'),
  );

  it('no time within the tolerance of the provider', async () => {
    expect(await send({ age: 290 })).toMatchObject({ status: 200 });
    expect(await send({ provider: 'slow', id: 'w-9', age: 3_000 })).toMatchObject({ status: 200 });
  });

  it('a body that is larger than the provider may send', () =>
    refused({ body: JSON.stringify({ text: 'x'.repeat(1_000) }) }, 413, 'WEBHOOK.TOO_LARGE'));

  it('a body that is larger than anybody may send', () =>
    refused({ body: JSON.stringify({ text: 'x'.repeat(70_000) }) }, 413, 'REQUEST.TOO_LARGE'));

  it.each(['[]', '"text"', 'null', ''])('a body that is no object: %j', (text) =>
    refused({ body: text }, 400, 'WEBHOOK.NOT_AN_OBJECT'),
  );

  it.each(['{', '{"a":1,"a":2}', '{"__proto__":{}}', '{"a":12345678901234567890}'])(
    'a body that is no acceptable JSON: %s',
    (text) => refused({ body: text }, 400, 'REQUEST.MALFORMED_JSON'),
  );

  it('a network that tries too many signatures', async () => {
    for (let tries = 0; tries < 20; tries += 1) await send({ secret: foreign });
    await refused({ secret: foreign }, 429, 'LIMIT.CREDENTIALS');
    expect(await send()).toMatchObject({ status: 429 });
  });
});

it('secrets and signatures are in no log', async () => {
  await send();
  await send({ secret: foreign });
  const text = lines.join('\n');
  for (const secret of [current, former, foreign]) expect(text).not.toContain(secret.slice('whsec_'.length));
  expect(text).not.toContain('v1,');
});

describe('the configuration', () => {
  const read = (given: unknown, CARD = current) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    return webhookProviders(text, { CARD });
  };
  const card = { secretsVariable: 'CARD', key: '/id' };

  it('has defaults', () => {
    expect(read({ card }).get('card')).toMatchObject({
      tenant: 'default',
      key: ['id'],
      toleranceSeconds: 300,
      maxBytes: 61_440,
    });
    expect(read('{}').size).toBe(0);
  });

  it('reads pointers as RFC 6901 says', () =>
    expect(read({ card: { ...card, key: '/a~1b/~0/0' } }).get('card')?.key).toEqual(['a/b', '~', '0']));

  it.each([
    ['{', 'WEBHOOK_PROVIDERS: is not JSON'],
    [{ Card: card }, 'WEBHOOK_PROVIDERS.Card: '],
    [{ card: { ...card, key: 'id' } }, 'WEBHOOK_PROVIDERS.card.key: must be a JSON pointer'],
    [{ card: { ...card, toleranceSeconds: 0 } }, 'WEBHOOK_PROVIDERS.card.toleranceSeconds: '],
    [{ card: { key: '/id' } }, 'WEBHOOK_PROVIDERS.card: needs either secretsFile or secretsVariable'],
    [{ card: { ...card, secretsFile: '/nowhere' } }, 'WEBHOOK_PROVIDERS.card: needs either'],
    [{ card: { key: '/id', secretsFile: '/nowhere' } }, 'secretsFile: /nowhere cannot be read (ENOENT)'],
    [{ card: { ...card, secretsVariable: 'NONE' } }, 'card.secretsVariable: NONE has no secret'],
  ])('names what is wrong: %j', (given, message) => expect(() => read(given)).toThrow(message));

  it.each(['whsec_c2hvcnQ=', 'nightjar', `whsec_${'A'.repeat(120)}`])(
    'names a secret that cannot be used without showing it: %s',
    (secret) => {
      expect(() => read({ card }, secret)).toThrow('secret 1 of CARD is not whsec_');
      expect(() => read({ card }, secret)).toThrow(/^(?!.*(?:nightjar|AAAA|c2hv))/);
    },
  );
});
