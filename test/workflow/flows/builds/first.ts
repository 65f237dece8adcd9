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

const chargeThenWait: Script = async (f) => {
  await f.call('act', { flow: f.id, step: 'charge' });
  await f.receive('Note');
  return { build: 1 };
};

/** What the first build does. The second changes each of these in another way. */
const scripts: Readonly<Record<string, Script>> = {
  mended: chargeThenWait,
  extended: chargeThenWait,
  careless: chargeThenWait,
  replaced: chargeThenWait,
  looped: async (f) => {
    await f.call('act', { flow: f.id, step: 'charge' });
    const note = await f.receive('Note');
    return note.data.text === 'stop' ? { build: 1 } : f.continueWith({});
  },
};

export const probe = flow(flowKind<ProbeTypes>('probe'), async ({ script }, f) => {
  const found = scripts[script];
  if (!found) throw new FlowFailure('PROBE.UNKNOWN', `there is no script ${script}`);
  return found(f);
});
