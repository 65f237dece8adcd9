import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { DomainEvent } from '#libs/core/decider.js';
import type { Json, JsonObject } from '#libs/core/json.js';
import type { Present } from '#libs/core/public-state.js';
import { extentOf } from '#libs/identity/policy.js';
import { admissionOf } from '../http/access.js';
import { maskedBy, type MaskSchema } from './masked-json.js';

/** Hides personal fields from a reader of an entity. */
export interface PersonalMask {
  event<E extends DomainEvent>(event: E): E;
  view(view: JsonObject): JsonObject;
}

const masks = new WeakMap<EntityContract, PersonalMask>();

/**
 * The mask through which the caller of a request reads an entity; undefined if it may see all. A
 * policy that admits owners counts only for what is read as an owner.
 */
export function maskFor(contract: EntityContract, request: FastifyRequest): PersonalMask | undefined {
  const { personal } = contract.access;
  if (!personal) return undefined;
  const { caller, extent } = admissionOf(request);
  const seen = extentOf(personal, caller);
  if (seen === 'full' || (seen === 'owner' && extent === 'owner')) return undefined;
  const mask = masks.get(contract) ?? maskOf(contract);
  masks.set(contract, mask);
  return mask;
}

/** Presents states through a mask, if there is one. */
export function presentThrough(mask: PersonalMask | undefined, present: Present): Present {
  return mask ? (state) => mask.view(present(state) as JsonObject) : present;
}

function maskOf({ view, events }: EntityContract): PersonalMask {
  const ofView = schemaOf(view);
  const ofEvents = new Map(Object.entries(events).map(([type, { schema }]) => [type, schemaOf(schema)]));
  const dataOf = ({ type, data }: DomainEvent): Json => maskedBy(ofEvents.get(type), data);
  return {
    event: (event) => ({ ...event, data: dataOf(event) as never }),
    view: (shown) => maskedBy(ofView, shown) as JsonObject,
  };
}

function schemaOf(schema: z.ZodType): MaskSchema {
  return z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
}
