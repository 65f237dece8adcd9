import { parseStreamName, streamName } from '../entity-id.js';
import type { CommandTo, EntityKind } from '../entity.js';
import type { Action } from '../effect.js';
import type { Json, JsonObject } from '../json.js';
import { type Timestamp, toMilliseconds, toTimestamp } from '../timestamp.js';
import { openCallback } from './callback.js';
import { all, each, race } from './branches.js';
import { derivedNumber, derivedUuid } from './derived.js';
import { type Duration, millisecondsIn } from './duration.js';
import type { Branch, CallPolicies, Child, Flow, FlowKind, FlowTypes, Message, Sent } from './flow.js';
import type {
  CallbackAddress,
  CallbackOptions,
  CallOptions,
  EachOptions,
  SpawnOptions,
  ReceiveOptions,
} from './flow-options.js';
import { CallRefused, CallUnresolved } from './flow.errors.js';
import type { ActionOutcome } from './flow-host.js';
import type { FlowRound } from './flow-round.js';
import { flowOver } from './flow.js';
import { receive } from './receive.js';
import { checkName, Places } from './places.js';
import { runSpread } from './spread/run-spread.js';
import type { SpreadOptions, SpreadResult, SpreadSource } from './spread/spread.js';
import { Scope } from './scope.js';
import { spawn } from './spawn.js';

/** Thrown by `continueWith`: the function starts again with this state. */
export class NextRound extends Error {
  override readonly name = 'NextRound';
  constructor(readonly state: Json) {
    super('this round is over');
  }
}

/** `f`: what the function of a flow, or one of its branches, can do. */
export class FlowContext<T extends FlowTypes, C extends CallPolicies> {
  constructor(
    readonly round: FlowRound,
    readonly scope: Scope,
    readonly places: Places,
    private readonly isRoot: boolean,
  ) {}

  get id(): string {
    return this.round.start.id;
  }

  get startedAt(): Timestamp {
    return this.round.start.startedAt;
  }

  get state(): Json | undefined {
    return this.round.start.state;
  }

  async call(name: string, data: object, options: CallOptions = {}): Promise<JsonObject> {
    const { key, ...policy } = { ...this.round.policies[name], ...options };
    const action: Action = { kind: 'call', call: name, data: data as JsonObject };
    const place = this.places.next(name);
    const addresses = this.round.callbacks.addressesIn(data);
    const more = { policy, ...(key !== undefined && { key }), ...(addresses && { addresses }) };
    const outcome = await this.perform(place, action, more);
    const { status } = outcome;
    if (status === 'done') return outcome.result;
    const { code, detail } = outcome;
    throw status === 'refused' ? new CallRefused(code, detail) : new CallUnresolved(code, detail);
  }

  entity<Command extends { readonly type: string; readonly data: unknown }>(
    { category }: EntityKind<Command>,
    id: string,
  ) {
    const to = { category, id };
    return {
      send: ({ type, data }: CommandTo<Command>): Promise<Sent> =>
        this.send(to, { type, data: data as JsonObject }),
      ask: (): Promise<JsonObject | undefined> =>
        this.scope.run(() => this.round.host.ask(this.streamOf(to))),
    };
  }

  flow<Other extends FlowTypes>(kind: FlowKind<Other>, id: string) {
    return flowOver<Promise<Sent>>((to, command) => this.send(to, command))(kind, id);
  }

  spawn<Other extends FlowTypes>(
    kind: FlowKind<Other>,
    id: string,
    input: Other['input'],
    options: SpawnOptions = {},
  ): Promise<Child<Other>> {
    return spawn<Other>(this, kind, id, input, options);
  }

  sleep(time: Duration, name = 'sleep'): Promise<void> {
    const place = this.places.next(name);
    return this.sleepUntil(place, name, this.round.endOf(place, millisecondsIn(time)).until);
  }

  until(at: Timestamp, name = 'until'): Promise<void> {
    return this.sleepUntil(this.places.next(name), name, at);
  }

  receive(name: string, options: ReceiveOptions = {}): Promise<Message | undefined> {
    return receive(this.round, this.scope, this.places.next(name), name, options);
  }

  callback(name: string, options: CallbackOptions): CallbackAddress {
    return openCallback(this, name, options);
  }

  all<Values extends object>(
    branches: { readonly [Name in keyof Values]: Branch<T, C, Values[Name]> },
    name = 'all',
  ): Promise<Values> {
    return all(this, branches as never, name) as Promise<Values>;
  }

  race(branches: Readonly<Record<string, Branch<T, C, unknown>>>, name = 'race') {
    return race(this, branches as never, name);
  }

  each<Item, Value>(
    items: readonly Item[],
    options: EachOptions<Item>,
    branch: (item: Item, f: Flow<T, C>) => Promise<Value>,
    name = 'each',
  ): Promise<readonly Value[]> {
    return each(this, items, options, branch as never, name);
  }

  spread<Data extends object, Value extends Json>(
    source: SpreadSource,
    options: SpreadOptions<Data, Value>,
  ): Promise<SpreadResult<Value>> {
    return runSpread(this, source, options);
  }

  compensate(name: string, run: Branch<T, C, unknown>): void {
    checkName(name);
    this.round.undos.push({ name, run });
  }

  commit(): void {
    this.round.undos.length = 0;
  }

  async shield<Value>(branch: Branch<T, C, Value>, name = 'shield'): Promise<Value> {
    return branch(this.inner(new Scope(), this.places.next(name)).asFlow());
  }

  progress(value: unknown): void {
    this.round.progress = value as Json;
  }

  version(name: string): boolean {
    return this.round.hasVersion(name);
  }

  continueWith(state: Json): never {
    this.scope.check();
    const { undos, children, openBranches } = this.round;
    const left = [
      ...(this.isRoot && openBranches === 0 ? [] : ['a branch runs']),
      ...(undos.length === 0 ? [] : ['compensations are registered: commit() drops them']),
      ...([...children.values()].every(({ onEnd }) => onEnd === 'leave') ? [] : ['a child is open']),
    ];
    if (left.length > 0) throw new TypeError(`continueWith cannot end this round: ${left.join(', ')}`);
    throw new NextRound(state);
  }

  now(): Timestamp {
    return toTimestamp(this.round.host.now());
  }

  uuid(): string {
    return derivedUuid(`${this.round.start.seed} ${this.places.next('uuid')}`);
  }

  random(): number {
    return derivedNumber(`${this.round.start.seed} ${this.places.next('random')}`);
  }

  /** As the functions of flows see it. */
  asFlow(): Flow<T, C> {
    return this as unknown as Flow<T, C>;
  }

  /** The context of a branch at a place. */
  inner(scope: Scope, place: string): FlowContext<T, C> {
    return new FlowContext<T, C>(this.round, scope, new Places(place), false);
  }

  /** Sends a command under a place of its own. */
  async send(to: To, command: { readonly type: string; readonly data: JsonObject }): Promise<Sent> {
    const place = this.places.next(`${command.type}@${to.category}.${to.id}`);
    return this.sendAt(place, to, command);
  }

  async sendAt(place: string, to: To, command: { type: string; data: JsonObject }): Promise<Sent> {
    const outcome = await this.perform(place, { kind: 'send', to, command });
    if (outcome.status !== 'done') {
      const { code, detail } = outcome;
      return { status: 'rejected', code, detail };
    }
    const { revision } = outcome.result;
    return { status: 'accepted', revision: typeof revision === 'number' ? revision : -1 };
  }

  private perform(place: string, action: Action, more: object = {}): Promise<ActionOutcome> {
    return this.scope.finish(() => this.round.host.perform({ place, action, ...more }));
  }

  /** The stream of an entity of the same tenant. */
  private streamOf({ category, id }: To): string {
    return streamName(category, id, parseStreamName(this.round.start.stream)?.tenant);
  }

  private sleepUntil(place: string, name: string, until: Timestamp): Promise<void> {
    const { host } = this.round;
    const left = Math.max(0, toMilliseconds(until) - host.now());
    return this.round.whileWaiting({ place, kind: 'sleep', name, until }, () =>
      this.scope.run(() => host.timer(left)),
    );
  }
}

interface To {
  readonly category: string;
  readonly id: string;
}
