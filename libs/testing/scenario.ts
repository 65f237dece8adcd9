import { expect, it } from '@jest/globals';
import {
  type CommandsOf,
  decidedSchema,
  type EntityContract,
  type EventsOf,
} from '#contracts/entity-contract.js';
import { genericRejections } from '#contracts/rejections.js';
import type { DomainEvent } from '#libs/core/decider.js';
import type { TestCommand } from './command-envelope.builder.js';
import type { Performance, Stage } from './stage.js';

type It = typeof it.skip;
type Name<C extends EntityContract> = CommandsOf<C>['type'];
type DataOf<C extends EntityContract, N> = Extract<CommandsOf<C>, { type: N }>['data'];
type CodeOf<C extends EntityContract> = keyof C['rejections'] | keyof typeof genericRejections;

/** The end of a scenario. Awaiting it runs the scenario, and fails with a diff. */
export interface Result<C extends EntityContract> {
  /** The command is accepted, and exactly these events are written. */
  then(...events: readonly EventsOf<C>[]): Promise<void>;
  /**
   * A rule rejects the command with this code. Only events of deadlines that expired before may
   * have been written.
   */
  thenRejected(code: CodeOf<C>, ...expired: readonly EventsOf<C>[]): Promise<void>;
}

/** `given(history).when(command).then(events)`. */
export interface Scenarios<C extends EntityContract> {
  given(...history: readonly EventsOf<C>[]): { when(command: TestCommand): Result<C> };
  /**
   * A command of the entity as the contract accepts it: parsed, with defaults and transformations.
   */
  command<N extends Name<C>>(type: N, data: DataOf<C, N>, at?: string): TestCommand;
  /** Jest's `it`. It skips the scenarios that are not chosen for the stage. */
  readonly it: It;
}

/**
 * The language of an entity's scenarios, derived from its contract. Apart from its expectation,
 * each scenario checks every event against its schema and every code against the list of codes.
 */
export function scenariosOn<C extends EntityContract>(stage: Stage, contract: C): Scenarios<C> {
  return {
    it: chosenFor(stage),
    given: (...history) => {
      const events = history as readonly DomainEvent[];
      expectKept(contract, events);
      return { when: (command) => resultOf(contract, () => stage.perform(events, command)) };
    },
    command: (type, data, at) => {
      const declared = contract.commands[type];
      const parsed = (declared && decidedSchema(declared).parse(data)) as TestCommand['data'];
      return { type, data: parsed, ...(at !== undefined && { at }) };
    },
  };
}

/** Each use of `it`, or of `it.each` with all its rows, counts as one scenario. */
function chosenFor(stage: Stage): It {
  let scenarios = 0;
  const next = (): It => {
    const isChosen = stage.isChosen?.(scenarios) ?? true;
    scenarios += 1;
    return isChosen ? it : it.skip;
  };
  return new Proxy(it.skip, {
    apply: (_it, _this, args: Parameters<It>) => next()(...args),
    get: (_it, name) => Reflect.get(next(), name) as unknown,
  });
}

function resultOf<C extends EntityContract>(contract: C, perform: () => Promise<Performance>): Result<C> {
  return {
    // A scenario ends with `then`. Awaiting an unfinished one is detected below.
    // oxlint-disable-next-line unicorn/no-thenable
    then: async (...events) => {
      if (isAwaitedHalfSaid(events)) return events[1](new TypeError('say .then(...) or .thenRejected(code)'));
      const { outcome, events: written } = await perform();
      expect({ status: outcome.status, ...explained(outcome), events: written }).toEqual({
        status: 'accepted',
        events,
      });
      expectKept(contract, written);
    },
    thenRejected: async (code, ...expired) => {
      const { outcome, events: written } = await perform();
      const found = 'code' in outcome ? outcome.code : undefined;
      expect({ status: outcome.status, code: found, events: written }).toEqual({
        status: 'rejected',
        code,
        events: expired,
      });
      expect(Object.keys({ ...contract.rejections, ...genericRejections })).toContain(code);
      expectKept(contract, written);
    },
  };
}

/** For `await given(…).when(…)`, JavaScript calls `then` as if this were a promise. */
function isAwaitedHalfSaid(events: readonly unknown[]): events is [unknown, (error: Error) => void] {
  return typeof events[1] === 'function';
}

function explained(outcome: Performance['outcome']) {
  return outcome.status === 'accepted' ? {} : { code: outcome.code, detail: outcome.detail };
}

/** Fails unless the contract has each of the events, with data of this shape. */
export function expectKept(contract: EntityContract, events: readonly DomainEvent[]): void {
  for (const event of events) expectInContract(contract, event);
}

function expectInContract(contract: EntityContract, { type, data }: DomainEvent): void {
  const schema = contract.events[type]?.schema;
  if (!schema) throw new TypeError(`the contract of ${contract.name} has no event ${type}`);
  expect({ type, data: schema.parse(data) }).toEqual({ type, data });
}
