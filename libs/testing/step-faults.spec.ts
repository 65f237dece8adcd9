import { describe, expect, it } from '@jest/globals';
import type { Step } from '#libs/core/step.js';
import { testId } from './command-envelope.builder.js';
import { type Fault, faultPlannedFor, faultyStep, idWithFault } from './step-faults.js';

const WAVE = 'w1';

function streamOf(step: Step, fault: Fault, wave = WAVE): string {
  return `account-default.${idWithFault('run-1', { wave, step, fault }, 'Deposit')}`;
}

/** A process in which commands pass boundaries, and what it reports. */
function hostOf(wave = WAVE) {
  const struck: string[] = [];
  const atStep = faultyStep(wave, (stream) => struck.push(stream));
  const pass = (step: Step, stream: string, commandId = testId(`${stream} the command`)) =>
    atStep(step, [{ stream, commandIds: [commandId] }]);
  return { struck, pass };
}

describe('the id of an entity', () => {
  it('holds the fault that its command meets', () => {
    const planned = { wave: WAVE, step: 'appended', fault: 'delay' };
    expect(faultPlannedFor(streamOf('appended', 'delay'))).toEqual(planned);
  });

  it.each(['account-default.alice', 'account-default.a:b:appended:nothing', 'account-default.a:b:c:crash'])(
    'holds no fault in %s',
    (stream) => expect(faultPlannedFor(stream)).toBeUndefined(),
  );
});

describe('a process with planned faults', () => {
  it('has a step done again, once', async () => {
    const { struck, pass } = hostOf();
    const stream = streamOf('appended', 'duplicate');
    await expect(pass('appended', stream)).rejects.toThrow('appended: once more');
    await pass('appended', stream);
    expect(struck).toEqual([stream]);
  });

  it('ignores what is planned for another boundary, another wave, or nothing', async () => {
    const { struck, pass } = hostOf();
    await pass('decided', streamOf('appended', 'crash'));
    await pass('appended', streamOf('appended', 'crash', 'w2'));
    await pass('appended', 'account-default.alice');
    expect(struck).toEqual([]);
  });

  it('lets the history that a test has written pass', async () => {
    const { struck, pass } = hostOf();
    const stream = streamOf('relayed', 'duplicate');
    await pass('relayed', stream, testId(`${stream} 0`));
    expect(struck).toEqual([]);
  });

  it.each(['crash', 'delay'] as const)('holds a %s until the process has been frozen', async (fault) => {
    const { struck, pass } = hostOf();
    const stream = streamOf('received', fault);
    let hasPassed = false;
    const held = pass('received', stream).then(() => (hasPassed = true));
    await pass('received', stream);
    expect({ struck, hasPassed }).toEqual({ struck: [stream], hasPassed: false });
    process.emit('SIGCONT');
    await held;
  });
});
