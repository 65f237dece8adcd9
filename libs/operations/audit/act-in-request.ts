import type { FastifyRequest } from 'fastify';
import { OPERATORS, type Policy } from '#contracts/access.js';
import { actOfRoute, findAdmission } from '#libs/api/http/access.js';
import { traceIdOf } from '#libs/api/http/trace-context.js';
import type { BegunAct } from './operator-acts.js';

const MAX_TEXT = 200;
const MAX_REASON = 2_000;
const MAX_ITEMS = 20;
/** The fields in which commands take a reason. */
const REASONS = ['reason', 'note'] as const;
/** Those who keep things going, and those who let others in. */
const BY_OPERATORS: Policy = [...OPERATORS, 'role:security'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a request is as an act of an operator, if it is one: a change under a policy that names
 * operators or security staff, unless its route says otherwise.
 */
export function actIn(request: FastifyRequest, service: string): BegunAct | undefined {
  const admission = findAdmission(request);
  if (request.method !== 'POST' || !admission) return undefined;
  const { caller, policy } = admission;
  const isAct = actOfRoute(request) ?? policy.some((grant) => BY_OPERATORS.includes(grant));
  if (isAct === false) return undefined;
  const { area, verb } = addressOf(request.routeOptions.url ?? '');
  const body = fieldsIn(request.body);
  const subject = Object.values(fieldsIn(request.params)).join('/');
  return {
    tenant: caller.tenant,
    operator: caller.id,
    service,
    area,
    verb: typeof isAct === 'string' ? isAct : verb,
    ...(subject !== '' && { subject }),
    reason: reasonIn(body),
    detail: detailOf({ ...fieldsIn(request.query), ...body }),
    traceId: traceIdOf(request.headers),
  };
}

/** `/v1/operations/cart/views/:view/parked/:stream/skip` is `skip` in the area `views`. */
function addressOf(route: string): { readonly area: string; readonly verb: string } {
  const path = route.replace(/^\/v1\/(operations\/[^/]+\/)?/, '');
  const [area = ''] = path.split(/\/:/, 1);
  const last = path.split('/').at(-1) ?? '';
  return { area, verb: area === path || last.startsWith(':') ? 'create' : last };
}

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function reasonIn(body: Fields): string | undefined {
  const given = REASONS.map((name) => body[name]).find((value) => typeof value === 'string');
  return given?.trim().slice(0, MAX_REASON);
}

/** What else was asked for, as far as it is short: data of entities do not belong here. */
function detailOf(asked: Fields): Fields | undefined {
  const isReason = (name: string) => REASONS.some((one) => one === name);
  const kept = Object.entries(asked).filter(([name, value]) => !isReason(name) && isShort(value));
  return kept.length > 0 ? Object.fromEntries(kept.slice(0, MAX_ITEMS)) : undefined;
}

function isShort(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.length <= MAX_ITEMS && value.every((item) => !Array.isArray(item) && isShort(item));
  }
  return typeof value === 'string' ? value.length <= MAX_TEXT : typeof value !== 'object' || value === null;
}
