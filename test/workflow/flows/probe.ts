import { workflowInfo } from '@temporalio/workflow';
import { Approval } from '#contracts/approval/approval.kind.js';
import { withWebhooks } from '#contracts/callback/callback.kind.js';
import { type CallPolicy, callPolicy, type Flow, flowKind, type FlowTypes } from '#libs/core/flow/flow.js';
import {
  CallbackFailed,
  CallbackSilent,
  CallRefused,
  CallUnresolved,
  Cancelled,
  ChildFailed,
  FlowFailure,
} from '#libs/core/flow/flow.errors.js';
import { entityKind } from '#libs/core/entity.js';
import type { Json, JsonObject } from '#libs/core/json.js';

type Input = Readonly<Record<string, string | number | boolean>>;

/** Flows that each use one verb, for the tests of the runtime. The input says which one. */
interface ProbeTypes extends FlowTypes {
  readonly input: { readonly script: string; readonly with?: Input };
  readonly messages: { readonly Note: { readonly text: string }; readonly Go: Record<string, never> };
  readonly progress: Json;
  readonly result: JsonObject;
}

export const Probe = flowKind<ProbeTypes>('probe');
const Other = entityKind<{ type: string; data: unknown }>('other');

export const probeCalls = {
  act: callPolicy<JsonObject, JsonObject>({ maximumInterval: '1s' }),
  thrice: callPolicy<JsonObject, JsonObject>({ maximumAttempts: 3, initialInterval: '50ms' }),
  picky: callPolicy<JsonObject, JsonObject>({ nonRetryable: ['CARD.EXPIRED'] }),
  undo: callPolicy<JsonObject, JsonObject>({ initialInterval: '50ms' }),
} satisfies Record<string, CallPolicy>;

type F = Flow<ProbeTypes, typeof probeCalls>;
type Script = (f: F, input: Input) => Promise<JsonObject>;

const scripts: Readonly<Record<string, Script>> = {
  call: async (f) => ({ answer: await f.call('act', { a: 1 }) }),
  ownKey: async (f) => ({ answer: await f.call('act', { a: 1 }, { key: 'my-key' }) }),
  late: async (f) => {
    const first = await f.call('act', {}, { attemptTimeout: '1s' });
    await f.receive('Go');
    return first;
  },
  thrice: async (f) => {
    try {
      return await f.call('thrice', {});
    } catch (error) {
      if (error instanceof CallUnresolved) return { caught: error.code };
      throw error;
    }
  },
  picky: async (f) => {
    try {
      return await f.call('picky', {});
    } catch (error) {
      if (error instanceof CallRefused) return { refused: error.code };
      throw error;
    }
  },
  approval: async (f, { id, deadline }) => {
    const answer = (outcome: string) => ({ type: 'Note', data: { outcome } });
    await f.entity(Approval, String(id)).send({
      type: 'Request',
      data: {
        subject: 'A probe',
        content: { probe: f.id },
        candidates: ['user:tom'],
        needed: 1,
        deadline: String(deadline),
        answers: {
          approved: answer('approved'),
          refused: answer('refused'),
          withdrawn: answer('withdrawn'),
        },
      },
    });
    const note = await f.receive('Note');
    return { ...note?.data };
  },
  callback: async (f, { heartbeat, timeout = '8h' }) => {
    const address = f.callback('delivered', {
      timeout: String(timeout),
      ...(heartbeat !== undefined && { heartbeat: String(heartbeat) }),
    });
    await f.call('act', { url: address.url });
    try {
      return { result: await address.result() };
    } catch (error) {
      if (error instanceof CallbackSilent || error instanceof CallbackFailed) return { caught: error.code };
      throw error;
    }
  },
  hear: async (f, { key, count }) => {
    const told = { provider: 'card', key: String(key), message: 'Note' } as const;
    const heard = await withWebhooks(f, told, async () => {
      const notes: Json[] = [];
      while (notes.length < Number(count)) {
        const { data } = await f.receive('Note');
        notes.push((data as unknown as { readonly callback: JsonObject }).callback);
      }
      return notes;
    });
    return { heard };
  },
  fail: async () => {
    throw new FlowFailure('PROBE.GAVE_UP', 'as it should');
  },
  sleep: async (f, { time }) => {
    const before = f.now();
    await f.sleep(String(time));
    return { before, after: f.now() };
  },
  pay: async (f, { time }) => {
    const { id } = await f.call('act', { step: 'charge', by: f.id });
    await f.sleep(String(time), 'settle');
    return f.call('act', { step: 'status', by: f.id, id: id as string });
  },
  two: async (f) => {
    const first = await f.receive('Note');
    await f.sleep('1s');
    const second = await f.receive('Note');
    return { texts: [first.data.text, second.data.text] };
  },
  timeout: async (f, { time }) => {
    const note = await f.receive('Note', { timeout: String(time) });
    return { text: note?.data.text ?? null };
  },
  send: async (f, { id }) => {
    const sent = await f.entity(Other, String(id)).send({ type: 'Hit', data: { by: f.id } });
    const state = (await f.entity(Other, String(id)).ask()) ?? null;
    return { sent, state };
  },
  ask: async (f, { id }) => ({ state: (await f.entity(Other, String(id)).ask()) ?? null }),
  branches: async (f, { count }) => {
    const items = Array.from({ length: Number(count) }, (_, index) => index);
    await f.each(items, { key: (item) => `i${item}`, limit: 5 }, async (item, g) => {
      for (let part = 0; part < 1 + (item % 3); part += 1) {
        await g.entity(Other, `${item}-${part}`).ask();
      }
      await g.call('act', { item });
      await g.entity(Other, `${item}`).ask();
      await g.sleep('1s');
      await g.entity(Other, `${item}-last`).ask();
    });
    return {};
  },
  parent: async (f, { script, id, time = '1s' }) => {
    const child = await f.spawn(Probe, String(id), { script: String(script), with: { time } });
    try {
      return { child: await child.result() };
    } catch (error) {
      if (error instanceof ChildFailed) return { failed: error.code };
      throw error;
    }
  },
  leaver: async (f, { id, onEnd }) => {
    await f.spawn(Probe, String(id), { script: 'two' }, { onEnd: onEnd === 'leave' ? 'leave' : 'cancel' });
    return {};
  },
  all: async (f) => {
    const both = await f.all({ a: (g) => g.call('act', { n: 'a' }), b: (g) => g.call('act', { n: 'b' }) });
    return both;
  },
  allFails: async (f) => {
    try {
      await f.all({
        bad: async (g) => {
          await g.sleep('1s');
          throw new FlowFailure('PROBE.BAD', 'one is bad');
        },
        long: (g) => g.sleep('30d'),
      });
      return {};
    } catch (error) {
      return { code: (error as FlowFailure).code };
    }
  },
  race: async (f) => {
    const { winner } = await f.race({ note: (g) => g.receive('Note'), time: (g) => g.sleep('10s') });
    const left = await f.receive('Note', { timeout: '1s' });
    return { winner, left: left?.data.text ?? null };
  },
  each: async (f, { count }) => {
    const items = Array.from({ length: Number(count) }, (_, index) => index);
    const answers = await f.each(items, { key: (item) => `i${item}`, limit: 5 }, (item, g) =>
      g.call('act', { item }),
    );
    return { count: answers.length };
  },
  undo: async (f, { cancel, shielded }) => {
    f.compensate('first', (g) => g.call('undo', { step: 'first' }));
    await f.call('act', { step: 'first' });
    f.compensate('second', (g) => g.call('undo', { step: 'second' }));
    await f.call('act', { step: 'second' });
    if (!cancel) throw new FlowFailure('PROBE.GAVE_UP', 'undo it');
    if (shielded) await f.shield((g) => g.sleep('10s'));
    await f.receive('Go');
    return {};
  },
  lateUndo: async (f) => {
    await f.call('act', {});
    f.compensate('late', (g) => g.call('undo', { step: 'late' }));
    await f.receive('Go');
    return {};
  },
  progress: async (f) => {
    for (let done = 1; done <= 20; done += 1) {
      f.progress({ done });
      await f.sleep('500ms');
    }
    return {};
  },
  endless: async (f) => {
    const sum = Number((f.state as JsonObject | undefined)?.['sum'] ?? 0);
    const note = await f.receive('Note');
    if (note.data.text === 'stop') return { sum };
    if (note.data.text === 'leak') f.compensate('never', async () => undefined);
    return f.continueWith({ sum: sum + Number(note.data.text) });
  },
  busy: async (f) => {
    const { sum = 0, rounds = 0 } = (f.state ?? {}) as { sum?: number; rounds?: number };
    const note = await f.receive('Note');
    // Its history grows by some 50 events a round.
    const parts = Array.from({ length: 10 }, (_, part) => part);
    await f.each(parts, { key: (part) => `part-${part}` }, (part, g) => g.call('act', { part }));
    if (note.data.text === 'stop') return { sum, rounds };
    return f.continueWith({ sum: sum + Number(note.data.text), rounds: rounds + 1 });
  },
  flooded: async (f) => {
    await f.call('act', {});
    const numbers: number[] = [];
    for (;;) {
      const note = await f.receive('Note', { timeout: '300ms' });
      if (note) numbers.push(note.n);
      else if (await f.receive('Go', { timeout: '300ms' })) break;
    }
    return { numbers };
  },
  crash: async (f, { upTo }) => {
    // The task fails after its appends, and nothing of it is recorded.
    if (workflowInfo().historyLength <= Number(upTo)) throw new TypeError('a crash');
    const note = await f.receive('Note');
    const [text, until] = note.data.text.split(':');
    if (workflowInfo().historyLength <= Number(until)) throw new TypeError('a crash');
    await f.call('act', {});
    return { text: text ?? null };
  },
  raceChild: async (f, { id }) => {
    const child = await f.spawn(Probe, String(id), { script: 'two' });
    const { winner } = await f.race({ child: (g) => child.result(g), time: (g) => g.sleep('1s') });
    await child.cancel('it takes too long');
    try {
      return { winner, child: await child.result() };
    } catch (error) {
      if (error instanceof ChildFailed) return { winner, child: error.code };
      throw error;
    }
  },
  leavesChildren: async (f, { id }) => {
    const round = Number(f.state ?? 0);
    if (round === 3) return { round };
    await f.spawn(Probe, `${String(id)}-${round}`, { script: 'fail' }, { onEnd: 'leave' });
    await f.sleep('1s');
    return f.continueWith(round + 1);
  },
  throwsAtOnce: async (f) => {
    try {
      await f.all({
        long: (g) => g.sleep('30d'),
        bad: () => {
          throw new FlowFailure('PROBE.BAD', 'at once');
        },
      });
      return {};
    } catch {
      return f.state === undefined ? f.continueWith(1) : { round: f.state };
    }
  },
  eachLong: async (f, { count }) => {
    const items = Array.from({ length: Number(count) }, (_, index) => index);
    await f.each(items, { key: (item) => `i${item}`, limit: 3 }, async (item, g) => {
      g.compensate(`undo-${item}`, (h) => h.call('undo', { item }));
      await g.call('act', { item });
      await g.sleep('30d');
    });
    return {};
  },
  versioned: async (f) => {
    const isNew = f.version('answer twice');
    const answers = [await f.call('act', {}), ...(isNew ? [await f.call('act', {})] : [])];
    return { isNew, isSame: f.version('answer twice') === isNew, count: answers.length };
  },
  made: async (f) => {
    const made = { uuids: [f.uuid(), f.uuid()], random: f.random() };
    await f.sleep('1s');
    return { ...made, more: f.uuid() };
  },
  cancelled: async (f) => {
    try {
      await f.sleep('30d');
      return {};
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
      return { wasCancelled: true };
    }
  },
  weigh: async (_, { text }) => ({ length: String(text).length }),
  spawnHeavy: async (f, { id, bytes }) => {
    const input = { script: 'weigh', with: { text: 'x'.repeat(Number(bytes)) } };
    const child = await f.spawn(Probe, String(id), input);
    try {
      return { child: await child.result() };
    } catch (error) {
      if (error instanceof ChildFailed) return { failed: error.code };
      throw error;
    }
  },
  heavy: async (f, { bytes }) => {
    const { text } = await f.call('act', { text: 'x'.repeat(Number(bytes)) }, { attemptTimeout: '20s' });
    const note = await f.receive('Note');
    const answer = text as string;
    return { length: answer.length, end: answer.slice(-3), note: note.data.text.length };
  },
  carries: async (f) => {
    const { text = '' } = (f.state ?? {}) as { text?: string };
    if (text !== '') {
      const notes = [await f.receive('Note'), await f.receive('Note')];
      return { length: text.length, notes: notes.map(({ data }) => data.text.length) };
    }
    await f.receive('Go');
    // More than 1,000 events, after which the next round is a new run.
    const parts = Array.from({ length: 500 }, (_, part) => part);
    await f.each(parts, { key: (part) => `part-${part}`, limit: 100 }, (_, g) => g.sleep('1ms'));
    return f.continueWith({ text: 'y'.repeat(200_000) });
  },
  large: async () => ({ text: 'x'.repeat(70_000) }),
  defect: async (f) => {
    await f.call('act', {});
    return (undefined as unknown as JsonObject)['nothing'] as unknown as JsonObject;
  },
};

/** The function of every probe. */
export async function probe(input: ProbeTypes['input'], f: F): Promise<JsonObject> {
  const script = scripts[input.script];
  if (!script) throw new FlowFailure('PROBE.UNKNOWN', `there is no script ${input.script}`);
  return script(f, input.with ?? {});
}
