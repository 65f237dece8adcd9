import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventData } from '@eventstore/db-client';
import { storeUrl } from '#libs/testing/store-under-test.js';
import { clientName, connect, type StoreClient } from './official-client.js';
import { BACKWARDS, END, newEvent, newEvents, newStream, NO_STREAM } from './store-kit.js';

const linkTo = (revision: number, stream: string): EventData =>
  newEvent('link', {
    type: '$>',
    contentType: 'application/octet-stream',
    data: new TextEncoder().encode(`${revision}@${stream}`),
  });

describe(`links, with ${clientName}`, () => {
  let store: StoreClient;
  let stream: string;
  let links: string;
  let events: EventData[];
  beforeAll(async () => {
    store = await connect(storeUrl());
  });
  beforeEach(async () => {
    stream = newStream();
    links = newStream('links');
    events = newEvents('A', 'B', 'C');
    await store.append(stream, events, NO_STREAM);
    await store.append(links, [linkTo(2, stream), linkTo(0, stream)], NO_STREAM);
  });
  afterAll(() => store.close());

  test('are events like others when they are not to be resolved', async () => {
    const read = await store.readStream(links);
    expect(read.map(({ event, link }) => [event?.type, event?.streamId, link])).toEqual([
      ['$>', links, undefined],
      ['$>', links, undefined],
    ]);
  });

  test('when resolved, are returned with the event that they point to', async () => {
    const read = await store.readStream(links, { resolveLinks: true });
    expect(read).toMatchObject([
      {
        link: { streamId: links, revision: 0n, type: '$>' },
        event: { id: events[2]!.id, streamId: stream, revision: 2n },
      },
      {
        link: { streamId: links, revision: 1n, type: '$>' },
        event: { id: events[0]!.id, streamId: stream, revision: 0n },
      },
    ]);
  });

  test('are resolved backwards too, and in $all', async () => {
    const back = await store.readStream(links, { resolveLinks: true, direction: BACKWARDS, from: END });
    expect(back.map(({ event }) => event?.id)).toEqual([events[0]!.id, events[2]!.id]);
    const [first] = await store.readStream(links);
    const all = await store.readAll({ resolveLinks: true, from: first!.event!.position!, limit: 2 });
    expect(all.map(({ event, link }) => [event?.id, link?.streamId])).toEqual([
      [events[2]!.id, links],
      [events[0]!.id, links],
    ]);
  });

  test.each([
    ['an event that is not there yet', () => linkTo(3, stream)],
    ['a stream that does not exist', () => linkTo(0, newStream())],
  ])('to %s are given without an event', async (_, dangling) => {
    await store.append(links, [dangling(), linkTo(1, stream)]);
    const read = await store.readStream(links, { resolveLinks: true, from: 2n });
    expect(read[0]).toMatchObject({ link: { streamId: links, revision: 2n } });
    expect(read[0]!.event).toBeUndefined();
    expect(read[1]).toMatchObject({ link: { revision: 3n }, event: { id: events[1]!.id } });
  });

  test('an event that is no link is given as it is when links are resolved', async () => {
    const read = await store.readStream(stream, { resolveLinks: true });
    expect(read.map(({ event, link }) => [event?.id, link])).toEqual(events.map(({ id }) => [id, undefined]));
  });
});
