import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { pino } from 'pino';
import { register } from 'prom-client';
import { inBatch } from './batch-span.js';
import { type OtelOptions, startOtel } from './otel.js';
import { recordedTraceOf } from './recent-event.js';
import { inSpan, isTracing, makeSpansWith, startSpan } from './tracing.js';

const [ONE, OTHER] = ['0af7651916cd43dd8448eb211c80319c', '4bf92f3577b34da6a3ce929d0e0e4736'];
const of = (trace: string, flags = '01') => `00-${trace}-b7ad6b7169203331-${flags}`;
const logger = pino({ level: 'silent' });

let running: ReturnType<typeof startOtel>;

function start(exporter: SpanExporter, options: Partial<OtelOptions> = {}): void {
  running = startOtel({
    service: 'account',
    sampler: 'parentbased_always_on',
    samplerRatio: 1,
    queueSize: 100,
    batchSize: 10,
    delayMilliseconds: 5,
    exporter,
    logger,
    ...options,
  });
  makeSpansWith(running.maker);
}

async function stop(): Promise<void> {
  makeSpansWith(undefined);
  await running.close();
}

const counted = async (result: string): Promise<number> => {
  const { values = [] } = (await register.getSingleMetric('perdure_trace_spans_total')?.get()) ?? {};
  return values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
};

describe('without tracing', () => {
  it('work is done without spans', async () => {
    expect(isTracing()).toBe(false);
    expect(startSpan({ name: 'a' })).toBeUndefined();
    expect(await inSpan({ name: 'a' }, async (span) => span)).toBeUndefined();
    const members = [{ name: 'a', parent: of(ONE) }];
    expect(await inBatch({ members, shared: { name: 'all' } }, async (given) => given)).toEqual([undefined]);
  });
});

describe('with tracing', () => {
  const spans: ReadableSpan[] = [];
  const exporter: SpanExporter = {
    export: (batch, done) => {
      spans.push(...batch);
      done({ code: 0 });
    },
    shutdown: async () => undefined,
  };
  const named = (name: string) => spans.find((span) => span.name === name) as ReadableSpan;
  const idsOf = (span: ReadableSpan) => span.spanContext();

  beforeEach(() => {
    spans.length = 0;
    start(exporter);
  });
  afterEach(stop);

  it('a span continues the trace that it is given, and what is done in it continues there', async () => {
    await inSpan({ name: 'outer', parent: of(ONE), kind: 'server' }, async () => {
      await inSpan({ name: 'inner', attributes: { 'perdure.entity': 'account-default.a' } }, async () => 1);
    });
    await stop();
    expect(idsOf(named('outer')).traceId).toBe(ONE);
    expect(named('outer').parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(named('inner').parentSpanContext?.spanId).toBe(idsOf(named('outer')).spanId);
    expect(named('inner').attributes).toEqual({ 'perdure.entity': 'account-default.a' });
    expect(named('inner').resource.attributes).toMatchObject({ 'service.name': 'account' });
  });

  it('what the sender does not want recorded is not, and the trace still continues', async () => {
    const traceparent = await inSpan({ name: 'a', parent: of(ONE, '00') }, async (span) => span?.traceparent);
    await stop();
    expect(spans).toEqual([]);
    expect(traceparent).toMatch(new RegExp(`^00-${ONE}-[0-9a-f]{16}-00$`));
  });

  it('a failure shows its type and nothing that it says', async () => {
    const failing = inSpan({ name: 'a' }, async () => Promise.reject(new RangeError('alice@shop.example')));
    await expect(failing).rejects.toThrow(RangeError);
    await stop();
    expect(named('a').status.code).toBe(2);
    expect(named('a').attributes).toEqual({ 'error.type': 'RangeError' });
    expect(JSON.stringify([named('a').status, named('a').events])).not.toContain('alice');
  });

  it('a batch of several traces has a span that is linked with each, and belongs to none', async () => {
    const members = [{ name: 'one', parent: of(ONE) }, undefined, { name: 'other', parent: of(OTHER) }];
    await inBatch({ members, shared: { name: 'all' } }, async (traceparents) => {
      expect(traceparents.map((given) => given?.split('-')[1])).toEqual([ONE, undefined, OTHER]);
      await inSpan({ name: 'work' }, async () => 1);
    });
    await stop();
    const [one, other, all] = ['one', 'other', 'all'].map(named) as [
      ReadableSpan,
      ReadableSpan,
      ReadableSpan,
    ];
    expect([ONE, OTHER]).not.toContain(idsOf(all).traceId);
    const linked = all.links.map(({ context }) => context.spanId);
    expect(linked).toEqual([idsOf(one).spanId, idsOf(other).spanId]);
    for (const member of [one, other]) {
      expect(member.links.map(({ context }) => context.spanId)).toEqual([idsOf(all).spanId]);
    }
    expect(named('work').parentSpanContext?.spanId).toBe(idsOf(all).spanId);
  });

  it('the span of a batch of one trace belongs to it, and a single member is the work itself', async () => {
    const member = (name: string) => ({ name, parent: of(ONE) });
    await inBatch({ members: [member('a'), member('b')], shared: { name: 'all' } }, async () => 1);
    const single = { members: [member('c')], shared: { name: 'never' } };
    await inBatch(single, () => inSpan({ name: 'work' }, async () => 1));
    await stop();
    expect(idsOf(named('all')).traceId).toBe(ONE);
    expect(named('never')).toBeUndefined();
    expect(named('work').parentSpanContext?.spanId).toBe(idsOf(named('c')).spanId);
  });

  it('all spans of a batch fail with it', async () => {
    const members = [
      { name: 'one', parent: of(ONE) },
      { name: 'other', parent: of(OTHER) },
    ];
    const failing = inBatch({ members, shared: { name: 'all' } }, async () =>
      Promise.reject(new Error('no')),
    );
    await expect(failing).rejects.toThrow('no');
    await stop();
    expect(spans.map(({ status }) => status.code)).toEqual([2, 2, 2]);
  });

  it('a batch is recorded if a member is, whatever the sampler says about new traces', async () => {
    await stop();
    start(exporter, { sampler: 'parentbased_always_off' });
    const members = [ONE, OTHER].map((trace) => ({ name: trace, parent: of(trace) }));
    await inBatch({ members, shared: { name: 'all' } }, async () => 1);
    await inSpan({ name: 'new' }, async () => 1);
    await stop();
    expect(spans.map(({ name }) => name).sort()).toEqual([ONE, OTHER, 'all'].sort());
  });

  it('old events are not recorded', () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    expect(recordedTraceOf({ traceparent: of(ONE), recordedAt: hoursAgo(0.5) })).toBe(of(ONE));
    expect(recordedTraceOf({ traceparent: of(ONE), recordedAt: hoursAgo(2) })).toBeUndefined();
    expect(recordedTraceOf({ traceparent: of(ONE, '00'), recordedAt: hoursAgo(0) })).toBeUndefined();
    expect(recordedTraceOf({ recordedAt: hoursAgo(0) })).toBeUndefined();
  });
});

describe('a collector', () => {
  afterEach(stop);

  it('that does not answer costs spans: so many wait, and the others are counted as dropped', async () => {
    const before = await counted('dropped');
    const stuck: SpanExporter = { export: () => undefined, shutdown: async () => undefined };
    start(stuck, { queueSize: 20, batchSize: 10 });
    // The stuck export would hold up the shutdown.
    running = { ...running, close: async () => undefined };
    for (let index = 0; index < 50; index += 1) startSpan({ name: 'a' })?.end();
    expect((await counted('dropped')) - before).toBe(30);
  });

  it('that refuses is counted, and logged once until it works again', async () => {
    const lines: string[] = [];
    const [failed, exported] = await Promise.all(['failed', 'exported'].map(counted));
    let code = 1;
    let answered = (): void => undefined;
    const refusing: SpanExporter = {
      export: (_, done) => {
        done(code === 0 ? { code } : { code, error: new Error('refused') });
        answered();
      },
      shutdown: async () => undefined,
    };
    start(refusing, { batchSize: 1, logger: pino({ level: 'info' }, { write: (line) => lines.push(line) }) });
    for (const next of [1, 1, 0]) {
      code = next;
      const isAnswered = new Promise<void>((resolve) => (answered = resolve));
      startSpan({ name: 'a' })?.end();
      await isAnswered;
    }
    expect((await counted('failed')) - (failed ?? 0)).toBe(2);
    expect((await counted('exported')) - (exported ?? 0)).toBe(1);
    const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual(['spans cannot be exported', 'works again']);
  });
});
