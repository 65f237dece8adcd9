import { afterAll, beforeAll, expect } from '@jest/globals';
import type { FlowContract, FlowTypesOf } from '#contracts/flow/flow.contract.js';
import type { AnyDecider, DomainEvent } from '#libs/core/decider.js';
import { type Duration, millisecondsIn } from '#libs/core/flow/duration.js';
import type { CallPolicies } from '#libs/core/flow/flow.js';
import { flowDecider } from '#libs/core/flow/flow.decider.js';
import type { JsonObject } from '#libs/core/json.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import { FlowOnServer } from './flow-on-server.js';
import { expectKept } from './scenario.js';
import { TimeSkippingServer } from './time-skipping-server.js';

/** How flows of a type are tested. */
export interface FlowTestOptions {
  /** The bundle with the workflow of the flow, which the build creates. */
  readonly workflowBundle: string;
  /** The calls of the flow, as its function declares them. */
  readonly calls: CallPolicies;
  /** The rules of other entities and flows in the bundle that it sends commands to. */
  readonly deciders?: readonly AnyDecider[];
  /**
   * After every step, all workers end, others take over, and every history is replayed with the
   * code of today. Fails if the function then does something else.
   */
  readonly alwaysReplay?: boolean;
}

/** What is there before the flow starts. */
export interface FlowWorld {
  /** What calls answer, by name. The others answer with an empty object. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** Events of entities, by stream: `{ 'book-default.emma': [ … ] }`. */
  readonly histories?: Readonly<Record<string, readonly DomainEvent[]>>;
}

type Types<C extends FlowContract> = FlowTypesOf<C>;
type MessageName<C extends FlowContract> = keyof Types<C>['messages'] & string;

/**
 * The steps of a test, run in this order once its end is awaited: one of `thenCompletes`,
 * `thenFails` and `thenIsCancelled`.
 */
export interface FlowSteps<C extends FlowContract> {
  whenTimePasses(time: Duration): FlowSteps<C>;
  whenReceives<Name extends MessageName<C>>(name: Name, data: Types<C>['messages'][Name]): FlowSteps<C>;
  whenCancelled(reason?: string): FlowSteps<C>;
  /** The flow has made exactly these calls since the last such step; retries count once. */
  thenCalls(...calls: readonly (readonly [name: string, data: object])[]): FlowSteps<C>;
  /** The flow waits for these messages, sleeps, children and calls, by their names. */
  thenWaitsFor(...names: readonly string[]): FlowSteps<C>;
  thenCompletes(result: Types<C>['result']): Promise<void>;
  thenFails(code: string): Promise<void>;
  thenIsCancelled(): Promise<void>;
}

/**
 * Tests flows of a type on Temporal's time-skipping server: `testFlow(…).given(input)
 * .whenTimePasses('3d').thenCompletes({ … })`. To be called at the top of a file or of a
 * `describe`. The server and its workers serve all its tests; days pass in a moment.
 */
export function testFlow<C extends FlowContract>(contract: C, options: FlowTestOptions) {
  const { workflowBundle, deciders = [], alwaysReplay = false } = options;
  const { name, messages } = contract;
  const made = new CallsMade(Object.keys(options.calls));
  const server = new TimeSkippingServer({
    deciders: [flowDecider({ name, messages: Object.keys(messages) }), ...deciders],
    workflowBundle,
    calls: made.calls,
    // A worker that is late would otherwise keep this server waiting for ever.
    outlivesWorkers: true,
  });
  beforeAll(() => server.open());
  afterAll(() => server.close());
  return {
    given: (input: Partial<Types<C>['input']>, { calls = {}, histories = {} }: FlowWorld = {}) => {
      const flow = new FlowOnServer(server, contract, alwaysReplay ? workflowBundle : undefined);
      const start = async (): Promise<void> => {
        made.begin(calls);
        await flow.write(histories);
        await flow.send('Start', input);
      };
      return stepsOf({ contract, flow, made, steps: [start] });
    },
  };
}

type Step = () => void | Promise<void>;

/** A test with the steps that it has so far. */
interface FlowTest<C> {
  readonly contract: C;
  readonly flow: FlowOnServer;
  readonly made: CallsMade;
  readonly steps: readonly Step[];
}

function stepsOf<C extends FlowContract>(test: FlowTest<C>): FlowSteps<C> {
  const { contract, flow, made, steps } = test;
  const and = (step: Step) => stepsOf({ ...test, steps: [...steps, step] });
  const ends = async (expected: object): Promise<void> => {
    for (const step of steps) await step();
    const { status, result, failure } = flow.state;
    const end = { status, ...(result && { result }), ...(failure && { code: failure.code }) };
    expect({ ...end, events: flow.events }).toEqual({ ...expected, events: flow.events });
    expectKept(contract, flow.events);
  };
  return {
    whenTimePasses: (time) => and(() => flow.skip(millisecondsIn(time))),
    whenReceives: (name, data) => and(() => flow.send(name, data)),
    whenCancelled: (reason = 'as the test wants') => and(() => flow.send('Cancel', { reason })),
    thenCalls: (...calls) => and(() => expect(made.take()).toEqual(calls)),
    thenWaitsFor: (...names) => and(() => expect(flow.state.waits.map(({ name }) => name)).toEqual(names)),
    thenCompletes: (result) => ends({ status: 'completed', result }),
    thenFails: (code) => ends({ status: 'failed', code }),
    thenIsCancelled: () => ends({ status: 'cancelled' }),
  };
}

/** The calls of flows, answered by the fakes of the test that runs. */
class CallsMade {
  readonly calls: Readonly<Record<string, Call>>;
  private fakes: Readonly<Record<string, Call>> = {};
  private made: (readonly [string, JsonObject])[] = [];
  private readonly keys = new Set<string>();

  constructor(names: readonly string[]) {
    this.calls = Object.fromEntries(names.map((name) => [name, (...of) => this.answer(name, ...of)]));
  }

  begin(fakes: Readonly<Record<string, Call>>): void {
    this.fakes = fakes;
    this.made = [];
  }

  /** The calls since the last time. */
  take(): readonly (readonly [string, JsonObject])[] {
    return this.made.splice(0);
  }

  private async answer(name: string, ...[data, key, flow]: Parameters<Call>): Promise<JsonObject> {
    if (!this.keys.has(key)) this.made.push([name, data]);
    this.keys.add(key);
    return (await this.fakes[name]?.(data, key, flow)) ?? {};
  }
}
