import type { Category } from '../api/catalog.js';
import type { EntityState } from '../api/entity.js';
import { currencyOf, isMoney, money } from './money.js';
import { waitInWords } from './process.js';
import { duration } from './durations.js';

interface Wait {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly until?: string;
}

interface Step {
  readonly name: string;
  readonly status: string;
}

/** How an entity stands, in a sentence or two. */
export function sentenceOf({ kind }: Pick<Category, 'kind'>, state: EntityState): string {
  if (kind === 'saga') return `${spanOf(state)} ${stepsOf(state)}`;
  if (kind === 'flow') return `${spanOf(state)} ${waitsOf(state)}`;
  return factsOf(state);
}

function spanOf({ status, startedAt, endedAt }: EntityState): string {
  const started = Date.parse(String(startedAt));
  const ended = typeof endedAt === 'string' ? Date.parse(endedAt) : undefined;
  const words = String(status).charAt(0).toUpperCase() + String(status).slice(1);
  if (ended !== undefined) return `${words} after ${duration(ended - started)}.`;
  return `${words} for ${duration(Math.max(0, Date.now() - started))}.`;
}

function stepsOf({ steps, stages, cause }: EntityState): string {
  const all = Array.isArray(steps) ? (steps as Step[]) : [];
  const planned = Array.isArray(stages) ? stages.flat().length : all.length;
  const done = all.filter(({ status }) => status === 'done').length;
  const open = all.filter(({ status }) => ['running', 'undoing', 'stuck'].includes(status));
  const because = cause as { code?: string; detail?: string } | undefined;
  return [
    `${done} of ${planned} steps are done.`,
    ...open.map(({ name, status }) => `${name} is ${status}.`),
    ...(because ? [`It was given up because of ${because.code}: ${because.detail}.`] : []),
  ].join(' ');
}

function waitsOf({ waits, stuck, failure }: EntityState): string {
  const open = Array.isArray(waits) ? (waits as Wait[]) : [];
  const problem = failure as { code?: string; detail?: string } | undefined;
  return [
    ...open.map(
      ({ kind, name, until }) =>
        `It waits for the ${waitInWords({ kind, name })}${until ? ` until ${until}` : ''}.`,
    ),
    ...(Array.isArray(stuck) && stuck.length > 0 ? [`${stuck.length} compensations are stuck.`] : []),
    ...(problem ? [`${problem.code}: ${problem.detail}.`] : []),
  ].join(' ');
}

const MAX_FACTS = 6;

function factsOf(state: EntityState): string {
  const currency = currencyOf(state);
  const facts = Object.entries(state).flatMap(([name, value]): string[] => {
    if (['id', 'revision', 'hash', 'status', 'currency'].includes(name)) return [];
    const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
    if (typeof value === 'number') {
      return [`${words} ${(currency && isMoney(name) && money(value, currency)) || value.toLocaleString()}`];
    }
    if (typeof value === 'string') return [`${words} ${value}`];
    if (!Array.isArray(value) || value.length === 0) return [];
    return [`${value.length} ${value.length === 1 ? words.replace(/s$/, '') : words}`];
  });
  return facts.slice(0, MAX_FACTS).join(' · ');
}
