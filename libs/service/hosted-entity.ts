import type { Pool } from 'pg';
import type { CommandIndex } from '#libs/entity/activities/command-index.js';
import type { NameIndex } from '#libs/entity/activities/name-index.js';
import { createCommandIndex } from '#libs/entity/memory/postgres-command-index.js';
import { createNameIndex } from '#libs/entity/memory/postgres-name-index.js';
import { entityIndexView } from '#libs/entity/memory/entity-index.projection.js';
import { usedNamesView } from '#libs/entity/memory/used-names.projection.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { EntityDefinition } from './service.js';

/** An entity in a process: its definition, and the parts that the roles share. */
export interface HostedEntity extends EntityDefinition {
  readonly commandIndex: CommandIndex;
  readonly nameIndex: NameIndex;
  /** The views of its definition, then its indexes. */
  readonly keptViews: readonly AnyView[];
}

/** Builds the parts of an entity. `pool` is for requests, so its queries are bounded. */
export function hostEntity(definition: EntityDefinition, pool: Pool): HostedEntity {
  const { decider } = definition;
  return {
    ...definition,
    commandIndex: createCommandIndex(pool, entityIndexView(decider)),
    nameIndex: createNameIndex(pool, usedNamesView(decider)),
    keptViews: keptViewsOf(definition),
  };
}

/**
 * All views of an entity: those of its definition, the index of its commands, and the names that it
 * has used up. They read events in the same versions as the entity.
 */
export function keptViewsOf({ views, decider }: EntityDefinition): readonly AnyView[] {
  const upcasts = decider.upcasts ?? {};
  const names = decider.names ? [usedNamesView(decider)] : [];
  return [...views, entityIndexView(decider), ...names].map((view: AnyView) => ({ ...view, upcasts }));
}
