import { describe, expect, it } from '@jest/globals';
import { Client, Connection, QueryRejectedError, ServiceError } from '@temporalio/client';
import { createLiveEntities } from './live-entities.js';

const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;
const stream = 'account-default.alice';
const fold = { revision: 3, stateVersion: 1, state: {} };

const failed = (code: number) =>
  new ServiceError('no answer', { cause: Object.assign(new Error('of gRPC'), { code }) });

/**
 * Asks for the state of an entity. The queries end in the given ways, and further ones like the
 * last.
 */
async function ask(...ends: readonly unknown[]) {
  const left = [...ends];
  let asked = 0;
  const query = async (): Promise<unknown> => {
    asked += 1;
    const end = left.length > 1 ? left.shift() : left[0];
    if (end instanceof Error) throw end;
    return end;
  };
  // Connects only when something is sent, and nothing is.
  const client = new Client({ connection: Connection.lazy(), interceptors: { workflow: [{ query }] } });
  return { answer: await createLiveEntities(client).fold(stream), asked };
}

describe('the live state of an entity', () => {
  it('is what it answers, the second time, too: it may have to be replayed first', async () => {
    expect(await ask(fold)).toEqual({ answer: fold, asked: 1 });
    expect(await ask(failed(DEADLINE_EXCEEDED), fold)).toEqual({ answer: fold, asked: 2 });
  });

  it('is nothing when it rests', async () => {
    expect(await ask(new QueryRejectedError(2))).toEqual({ answer: undefined, asked: 1 });
  });

  it('is known to be loading when it has just been started', async () => {
    expect(await ask(null)).toEqual({ answer: 'loading', asked: 1 });
  });

  it('is unknown when it does not answer, which is not the same as absent', async () => {
    expect(await ask(failed(DEADLINE_EXCEEDED))).toEqual({ answer: 'silent', asked: 2 });
    expect(await ask(failed(UNAVAILABLE))).toEqual({ answer: 'silent', asked: 1 });
  });
});
