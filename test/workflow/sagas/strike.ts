import { expect } from '@jest/globals';
import { alone, canCancel, waitsForAPerson } from './matrix.js';
import type { SagaCase } from './saga-case.js';
import type { TemporalServer } from './temporal-server.js';

/** Applies the fault of its cell to a saga that is blocked at its step, and releases it. */
export async function strike(one: SagaCase, server: TemporalServer): Promise<void> {
  const { fault, step } = one.cell;
  switch (fault) {
    case alone.refused:
      return waitsForAPerson(one.cell) ? tryAgain(one, step) : undefined;
    case alone.cancelled:
    case alone.cancelledLate:
      expect(await one.tell('Cancel', { reason: 'a test' })).toBe(
        canCancel(one.cell) ? 'accepted' : 'SAGA.TOO_LATE',
      );
      break;
    case alone.terminated:
    case alone.terminatedLate:
      await server.client.workflow.getHandle(one.stream).terminate('a test');
      await server.gateway.wake(one.stream);
      break;
    case alone.cancelledByTemporal:
      await server.client.workflow.getHandle(one.stream).cancel();
      break;
    default:
  }
  one.gate.open();
}

async function tryAgain(one: SagaCase, step: string): Promise<void> {
  await one.untilTold('StepStuck');
  expect(await one.tell('RetryStep', { step })).toBe('accepted');
}
