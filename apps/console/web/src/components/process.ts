import type { EntityEvent, EntityState } from '../api/entity.js';

/** A verb that settles what is stuck, with what its form starts with. */
export interface Verb {
  readonly command: string;
  readonly title: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A part of a saga or a flow: a step, its compensation, a message, a wait. */
export interface Stage {
  readonly key: string;
  readonly title: string;
  readonly status: string;
  /** Without, it has not begun. */
  readonly at?: string;
  /** When it ended. Without, it is in progress. */
  readonly until?: string;
  /** A time in the future that it waits for, at the latest. */
  readonly dueAt?: string;
  readonly notes: readonly string[];
  readonly verbs: readonly Verb[];
}

interface Step {
  readonly name: string;
  readonly status: string;
  readonly at: string;
  readonly attempts?: number;
  readonly refusal?: { readonly code: string; readonly detail: string };
  readonly overdueAt?: string;
  readonly waitingSince?: string;
  readonly note?: string;
  readonly succeededLateAt?: string;
}

interface Wait {
  readonly place: string;
  readonly kind: string;
  readonly name: string;
  readonly until?: string;
}

type Data = Readonly<Record<string, unknown>>;

const ENDS: readonly string[] = ['StepSucceeded', 'StepRefused', 'StepResolved'];
const UNDONE: readonly string[] = ['StepCompensated', 'StepResolved'];

const timeOf = (data: Data, { at }: EntityEvent): string =>
  typeof data['at'] === 'string' ? data['at'] : at;

interface Planned {
  readonly name: string;
  readonly asks?: string;
  readonly canBeUndone?: boolean;
  readonly pointOfNoReturn?: boolean;
}

/**
 * The steps of a saga as its definition declares them and its events tell, those that have not
 * begun in their place, then the compensations that followed them.
 */
export function stagesOfSaga(state: EntityState, events: readonly EntityEvent[]): readonly Stage[] {
  const { steps } = state;
  const all = Array.isArray(steps) ? (steps as Step[]) : [];
  const of = (name: string) => events.filter(({ data }) => data['step'] === name);
  const timeIn = (own: readonly EntityEvent[], types: readonly string[]): string | undefined => {
    const event = own.find(({ type }) => types.includes(type));
    return event && timeOf(event.data, event);
  };
  const done = all.map((step) => {
    const own = of(step.name);
    const until = timeIn(own, ENDS);
    const at = timeIn(own, ['StepStarted']) ?? step.at;
    return { ...stageOf(step), at, ...(until !== undefined && { until }) };
  });
  const undone = all.flatMap((step): Stage[] => {
    const own = of(step.name);
    const from = own.findIndex(({ type }) => type === 'CompensationStarted');
    const at = timeIn(own, ['CompensationStarted']);
    if (at === undefined) return [];
    const until = timeIn(own.slice(from + 1), UNDONE);
    const status = until === undefined ? step.status : 'undone';
    const rest = { notes: [], verbs: [], at, ...(until !== undefined && { until }) };
    return [{ key: `undo ${step.name}`, title: `undo ${step.name}`, status, ...rest }];
  });
  return [
    ...withPlanned(state, done),
    ...undone.sort(({ at: a = '' }, { at: b = '' }) => a.localeCompare(b)),
  ];
}

const CLOSED: readonly unknown[] = ['compensating', 'compensated', 'completed'];

/** All declared steps, in their order: those without a beginning wait for the stage before. */
function withPlanned({ stages, status }: EntityState, begun: readonly Stage[]): readonly Stage[] {
  const declared = Array.isArray(stages) ? (stages as Planned[][]) : [];
  const planned = declared.flatMap((stage, index) =>
    stage.map((step): Stage => {
      const before = declared[index - 1] ?? [];
      const facts = factsOf(step);
      const known = begun.find(({ key }) => key === step.name);
      if (known) return { ...known, notes: [...facts, ...known.notes] };
      const isLeftOut = CLOSED.includes(status);
      const waits = before.map(({ name }) => name).join(', ');
      const notes = isLeftOut || waits === '' ? facts : [...facts, `Begins after ${waits}`];
      const stands = isLeftOut ? 'left out' : 'not begun';
      return { key: step.name, title: step.name, status: stands, notes, verbs: [] };
    }),
  );
  const others = begun.filter(({ key }) => !planned.some((stage) => stage.key === key));
  return [...planned, ...others];
}

function factsOf({ asks, canBeUndone, pointOfNoReturn }: Planned): readonly string[] {
  const facts = [
    asks ?? '',
    canBeUndone ? 'can be undone' : '',
    pointOfNoReturn ? 'from here on there is no way back' : '',
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? [] : [facts.join(' · ')];
}

function stageOf(step: Step): Stage {
  const { name, status, at, attempts = 0, refusal, overdueAt, waitingSince, note, succeededLateAt } = step;
  const notes = [
    attempts > 1 ? `${attempts} attempts` : '',
    refusal ? `${refusal.code}: ${refusal.detail}` : '',
    overdueAt === undefined ? '' : 'Overdue: it is retried until somebody resolves it',
    waitingSince === undefined ? '' : 'Waits for people or another process',
    succeededLateAt === undefined ? '' : 'Succeeded after somebody had said that it was not done',
    note ?? '',
  ].filter((text) => text !== '');
  const retry = { command: 'retry-step', title: 'Retry', body: { step: name } };
  const resolve = { command: 'resolve-step', title: 'Resolve', body: { step: name } };
  const isOpen = overdueAt !== undefined || waitingSince !== undefined;
  const verbs = status === 'stuck' ? [retry, resolve] : isOpen && status !== 'done' ? [resolve] : [];
  return { key: name, title: name, status, at, notes, verbs };
}

/** What a flow did and waits for, as its events tell: its waits have a beginning and an end. */
export function stagesOfFlow(state: EntityState, events: readonly EntityEvent[]): readonly Stage[] {
  const stages: Stage[] = [];
  const open = new Map<string, number>();
  for (const event of events) {
    const at = timeOf(event.data, event);
    if (event.type === 'FlowWaiting') followWaits((event.data['waits'] ?? []) as Wait[], at, stages, open);
    else stages.push(momentOf(event, at, state['status']));
  }
  const end = state['endedAt'];
  if (typeof end === 'string') followWaits([], end, stages, open);
  return stages;
}

/** Ends the waits that are over, and begins new ones. */
function followWaits(waits: readonly Wait[], at: string, stages: Stage[], open: Map<string, number>): void {
  for (const [place, index] of open) {
    const stage = stages[index];
    if (!stage || waits.some((wait) => wait.place === place)) continue;
    const { dueAt: _, ...rest } = stage;
    stages[index] = { ...rest, status: 'done', until: at };
    open.delete(place);
  }
  for (const { place, kind, name, until } of waits) {
    if (open.has(place)) continue;
    open.set(place, stages.length);
    stages.push({
      key: `${place} ${at}`,
      title: waitInWords({ kind, name }),
      status: 'waiting',
      at,
      notes: [],
      verbs: [],
      ...(until !== undefined && { dueAt: until }),
    });
  }
}

interface WaitName {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

/** What a flow waits for: `timer settle`, `message paid`, `call charge`. */
export function waitInWords({ kind = '', name = '' }: WaitName): string {
  return `${kind === 'sleep' ? 'timer' : kind} ${name}`;
}

const WORDS: Readonly<Record<string, string>> = {
  FlowStarted: 'started',
  FlowProgressed: 'progress',
  FlowCompleted: 'completed',
  FlowFailed: 'failed',
  FlowCancelled: 'cancelled',
  FlowLost: 'lost',
  FlowRestarted: 'restarted',
  FlowCancelRequested: 'asked to stop',
  CompensationStuck: 'stuck',
  CompensationRetried: 'retried',
  CompensationResolved: 'resolved',
};

/** How a flow stands since then, if it is more than that something was done. */
const STANDS: Readonly<Record<string, string>> = {
  FlowFailed: 'failed',
  FlowLost: 'lost',
  CompensationStuck: 'stuck',
};

/** The fields of a value in a line: `charge pay_1 · state succeeded`. */
function inLine(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${typeof one === 'string' ? one : JSON.stringify(one)}`)
    .join(' · ');
}

const OF_LOST: readonly Verb[] = [
  { command: 'restart', title: 'Restart', body: {} },
  { command: 'cancel', title: 'Cancel', body: { reason: 'lost' } },
];

function momentOf({ type, data, revision }: EntityEvent, at: string, status: unknown): Stage {
  const { name, reason, code, detail, value } = data;
  const isText = (one: unknown): one is string => typeof one === 'string';
  const stuck = type === 'CompensationStuck' && isText(name) ? name : undefined;
  return {
    key: `${type} ${revision}`,
    title: [isText(name) ? name : (WORDS[type] ?? type), isText(reason) ? reason : '']
      .filter(Boolean)
      .join(': '),
    status: STANDS[type] ?? 'done',
    at,
    until: at,
    notes: [
      ...(isText(code) ? [`${code}: ${isText(detail) ? detail : ''}`] : []),
      ...(value === undefined ? [] : [inLine(value)]),
    ],
    verbs: [
      ...(type === 'FlowLost' && status === 'lost' ? OF_LOST : []),
      ...(stuck === undefined
        ? []
        : [
            { command: 'retry-compensation', title: 'Retry', body: { name: stuck } },
            { command: 'resolve-compensation', title: 'Resolve', body: { name: stuck } },
          ]),
    ],
  };
}
