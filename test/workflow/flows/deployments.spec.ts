import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../../support/account-rest.js';
import { bundled } from './bundled-build.js';
import { ProbeHome } from './probe-home.js';
import { ProbeDriver } from './probe-server.js';

const home = new ProbeHome();
/** Flows that wait for a message on the first build, before the second one is current. */
const old = {} as Record<'careless' | 'looped', ProbeDriver>;

beforeAll(async () => {
  const [first, second] = await Promise.all([bundled('first'), bundled('second'), home.open()]);
  await home.startWorkers({ ...first, buildId: 'first' });
  await makeCurrent('first');
  old.careless = await waiting('careless');
  old.looped = await waiting('looped');
  await home.startWorkers({ ...second, buildId: 'second' });
  await makeCurrent('second');
});
afterAll(() => home.close());

/** What `temporal worker deployment set-current-version` does, once Temporal knows the workers. */
async function makeCurrent(buildId: string): Promise<void> {
  const { workflowService } = home.client;
  const asked = { namespace: 'default', deploymentName: 'perdure-probe', buildId };
  await eventually(
    () => workflowService.setWorkerDeploymentCurrentVersion(asked).then(() => 'set', String),
    (answer) => answer === 'set',
    30_000,
  );
}

async function waiting(script: string): Promise<ProbeDriver> {
  const probe = new ProbeDriver(home, randomUUID());
  expect(await probe.start(script)).toMatchObject({ status: 'accepted' });
  await probe.until(({ waits }) => waits.some(({ name }) => name === 'Note'));
  return probe;
}

const stepsOf = ({ id }: ProbeDriver) =>
  home.asked.filter(({ data }) => data['flow'] === id).map(({ data }) => data['step']);

it('an open flow ends on the build it began with, though the current one does not replay it', async () => {
  await old.careless.send('Note', { text: 'continue' });
  expect((await old.careless.ended()).result).toEqual({ build: 1 });
  expect(stepsOf(old.careless)).toEqual(['charge']);
});

it('a new flow begins on the current build', async () => {
  const fresh = await waiting('careless');
  await fresh.send('Note', { text: 'continue' });
  expect((await fresh.ended()).result).toEqual({ build: 2 });
});

/** What `temporal workflow update-options --versioning-override-behavior auto_upgrade` does. */
async function upgrade({ stream }: ProbeDriver): Promise<void> {
  await home.client.workflowService.updateWorkflowExecutionOptions({
    namespace: 'default',
    workflowExecution: { workflowId: stream },
    workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
    updateMask: { paths: ['versioning_override'] },
  });
}

it('an open flow moves to the current build if an operator says so', async () => {
  await upgrade(old.looped);
  await old.looped.send('Note', { text: 'again' });
  await eventually(
    async () => stepsOf(old.looped),
    (steps) => steps.length >= 3,
  );
  expect(stepsOf(old.looped)).toEqual(['charge', 'risk', 'charge']);
  await old.looped.send('Note', { text: 'stop' });
  expect((await old.looped.ended()).result).toEqual({ build: 2 });
});
