import type { FastifyRequest } from 'fastify';
import type { Policy } from '#contracts/access.js';
import { type EntityContract, type PublicCommandContract, routeOf } from '#contracts/entity-contract.js';
import { isEntityId, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import { ProblemError } from '#libs/core/problem-error.js';
import { problems } from '#libs/core/problems.js';
import { derivedEntityId, freshCommandId } from '#libs/entity/gateway/command-id.js';
import { callerOf } from '../http/access.js';
import { givenBody, invalidId } from '../http/validate.js';
import { admitFields } from './admitted-fields.js';
import { type CommandHeaders, commandHeaders } from './command-headers.js';
import { commandPlace } from './command-place.js';
import { toEnvelope } from './to-envelope.js';

/** What follows the route of a command whose outcome is only computed. */
export const DRY_RUN = '/dry-run';

interface CommandRoute {
  readonly type: string;
  readonly command: PublicCommandContract;
}

/** The public commands of a contract, by the last segment of their routes. */
export type CommandRoutes = ReadonlyMap<string, CommandRoute>;

/** The public commands of a contract, by the last segment of their routes. */
export function commandRoutes({ commands }: EntityContract): CommandRoutes {
  return new Map(
    Object.entries(commands).flatMap(([type, command]) => {
      return command.visibility === 'public' ? [[routeOf(type), { type, command }] as const] : [];
    }),
  );
}

/** Who may send the command that a request is routed to. */
export function commandPolicy(routes: CommandRoutes, request: FastifyRequest): Policy {
  return routeIn(routes, request).command.allow;
}

/** Whether a command steers work under way. Undefined: it does not. */
export function steers(routes: CommandRoutes, request: FastifyRequest): true | undefined {
  return routeIn(routes, request).command.steers;
}

/**
 * The last segment names the command, or the one before `dry-run`. The collection stands for
 * the command that creates an entity.
 */
function routeIn(routes: CommandRoutes, { routeOptions: { url = '' } }: FastifyRequest): CommandRoute {
  const { [0]: path } = url.split(DRY_RUN);
  const route = url.includes(':id')
    ? routes.get(path?.split('/').at(-1) ?? '')
    : [...routes.values()].find(({ command }) => command.creates);
  if (!route) throw new ProblemError(problems.routeNotFound, 'there is no such command');
  return route;
}

/** A command as a request sends it, once everything about the request is known to be right. */
export interface ReadCommand {
  readonly id: string;
  readonly tenant: string;
  readonly stream: string;
  readonly command: PublicCommandContract;
  readonly envelope: CommandEnvelope;
  readonly headers: CommandHeaders;
}

/** Reads the command that a request sends. Throws problems. */
export function readCommand(
  contract: EntityContract,
  routes: CommandRoutes,
  request: FastifyRequest,
): ReadCommand {
  const { type, command } = routeIn(routes, request);
  const headers = commandHeaders(request.headers);
  const id = idIn(request) ?? newId(contract, request, headers.idempotencyKey);
  const { tenant, actor } = commandPlace(request, command);
  if (!isEntityId(id)) throw invalidId();
  const stream = streamName(contract.name, id, tenant);
  const data = givenBody(command.schema, request) as JsonObject;
  admitFields(command, data, callerOf(request));
  const envelope = { ...toEnvelope(request, stream, headers, type, data), actor };
  return { id, tenant, stream, command, envelope, headers };
}

/**
 * The id of an entity that a `POST` on the collection creates. With an idempotency key the id is
 * derived from it, so that a retry does not create a second entity.
 */
function newId({ name }: EntityContract, request: FastifyRequest, key: string | undefined): string {
  const { tenant, id: caller } = callerOf(request);
  return key === undefined ? freshCommandId() : derivedEntityId({ tenant, caller, key }, name);
}

/** The id in the address of a request. */
export function idIn({ params }: FastifyRequest): string | undefined {
  return (params as Partial<Record<string, string>>)['id'];
}
