import { type Flow, flowKind, type FlowTypes } from '#libs/core/flow/flow.js';
import { FlowFailure } from '#libs/core/flow/flow.errors.js';
import type { JsonObject } from '#libs/core/json.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';

interface ProbeTypes extends FlowTypes {
  readonly input: { readonly script: string };
  readonly messages: { readonly Note: { readonly text: string } };
  readonly result: JsonObject;
}

type Script = (f: Flow<ProbeTypes>) => Promise<JsonObject>;

const scripts: Readonly<Record<string, Script>> = {
  /** A step before the others, for flows that have not gone past it. */
  mended: async (f) => {
    if (f.version('check the risk')) await f.call('act', { flow: f.id, step: 'risk' });
    await f.call('act', { flow: f.id, step: 'charge' });
    await f.receive('Note');
    return { build: 2 };
  },
  /** A step after the place where flows wait, and other data for one before it. */
  extended: async (f) => {
    await f.call('act', { flow: f.id, step: 'charge', currency: 'EUR' });
    await f.receive('Note');
    await f.call('act', { flow: f.id, step: 'receipt' });
    return { build: 2 };
  },
  /** A wait before a step that open flows have taken already. */
  careless: async (f) => {
    await f.sleep('1s');
    await f.call('act', { flow: f.id, step: 'charge' });
    await f.receive('Note');
    return { build: 2 };
  },
  /** The same in each round. */
  looped: async (f) => {
    if (f.version('check the risk')) await f.call('act', { flow: f.id, step: 'risk' });
    await f.call('act', { flow: f.id, step: 'charge' });
    const note = await f.receive('Note');
    return note.data.text === 'stop' ? { build: 2 } : f.continueWith({});
  },
  /** As it was: new flows are of the new type. */
  replaced: async (f) => {
    await f.call('act', { flow: f.id, step: 'charge' });
    await f.receive('Note');
    return { build: 1 };
  },
};

export const probe = flow(flowKind<ProbeTypes>('probe'), async ({ script }, f) => {
  const found = scripts[script];
  if (!found) throw new FlowFailure('PROBE.UNKNOWN', `there is no script ${script}`);
  return found(f);
});

/** The new type, in place of the script `replaced`. */
export const successor = flow(flowKind<ProbeTypes>('successor'), async (_, f) => {
  await f.receive('Note');
  await f.call('act', { flow: f.id, step: 'charge' });
  return { build: 2 };
});
