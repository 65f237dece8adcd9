import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeSpansWith, type SpanStart } from '#libs/runtime/tracing/tracing.js';
import type { RelayedEvent } from './relay-source.js';
import { tracedRelay } from './traced-relay.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const APPENDED = `00-${TRACE}-b7ad6b7169203331-01`;
const SENT = `00-${TRACE}-00f067aa0ba902b7-01`;

/** An event, as far as its span needs it. */
function event(traceparent: string | undefined, recordedAt = new Date().toISOString()): RelayedEvent {
  const metadata = traceparent === undefined ? {} : { traceparent };
  return {
    category: 'account',
    stream: 'account-default.a',
    commandId: 'c-1',
    event: { id: 'e-1', type: 'MoneyDeposited', revision: 3, recordedAt, metadata },
    message: { key: 'account-default.a', value: '{}', headers: { ce_id: 'e-1', ...metadata } },
  } as unknown as RelayedEvent;
}

/** The `traceparent` of each record. */
async function published(...events: RelayedEvent[]): Promise<readonly (string | undefined)[]> {
  let headers: readonly (string | undefined)[] = [];
  await tracedRelay(events, async (all) => {
    headers = all.map(({ message }) => message.headers['traceparent']);
  });
  return headers;
}

describe('the record of an event', () => {
  const started: SpanStart[] = [];
  beforeEach(() => {
    started.length = 0;
    const nothing = (): void => undefined;
    makeSpansWith({
      start: (start) => {
        started.push(start);
        return { traceparent: SENT, note: nothing, link: nothing, end: nothing };
      },
    });
  });
  afterEach(() => makeSpansWith(undefined));

  it('carries the span of its publication, which follows from its append', async () => {
    expect(await published(event(APPENDED))).toEqual([SENT]);
    expect(started).toMatchObject([{ name: 'send perdure.account.events.v1', parent: APPENDED }]);
  });

  it('carries what its event has, if that is old, not sampled or nothing', async () => {
    const unwanted = APPENDED.replace(/01$/, '00');
    const old = event(APPENDED, '2020-01-01T00:00:00.000Z');
    expect(await published(event(unwanted), old, event(undefined))).toEqual([unwanted, APPENDED, undefined]);
    expect(started).toEqual([]);
  });

  it('carries what its event has, if this process makes no spans', async () => {
    makeSpansWith(undefined);
    expect(await published(event(APPENDED))).toEqual([APPENDED]);
  });
});
