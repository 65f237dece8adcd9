import { describe, expect, it } from '@jest/globals';
import { correlationIdOf, traceIdOf, traceparentOf } from './trace-context.js';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

describe('traceparent', () => {
  it('is passed on when it is well-formed', () => {
    expect(traceparentOf({ traceparent: TRACEPARENT })).toBe(TRACEPARENT);
    expect(traceIdOf({ traceparent: TRACEPARENT })).toBe(TRACE_ID);
  });

  it.each([
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-00f067aa0ba902b7-01`,
    `${TRACEPARENT}-more`,
    'nonsense',
  ])('is ignored as %s, and a trace id made', (traceparent) => {
    const headers = { traceparent };
    expect(traceparentOf(headers)).toBeUndefined();
    expect(traceIdOf(headers)).toMatch(/^[0-9a-f]{32}$/);
    expect(traceIdOf(headers)).toBe(traceIdOf(headers));
  });
});

describe('X-Correlation-ID', () => {
  it('is taken when it is short and plain', () => {
    expect(correlationIdOf({ 'x-correlation-id': 'order-42' })).toBe('order-42');
  });

  it.each(['', 'a b', 'é', 'x'.repeat(101)])('is ignored as %j', (value) => {
    expect(correlationIdOf({ 'x-correlation-id': value })).toBeUndefined();
  });
});
