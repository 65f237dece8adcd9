import type { DynamicModule, Type } from '@nestjs/common';
import type { EntityContract } from '#contracts/entity-contract.js';
import type { AnyDecider } from '#libs/core/decider.js';
import type { Present } from '#libs/core/public-state.js';
import type { Call } from '#libs/entity/activities/call-outside.js';
import type { Completions } from '#libs/api/entities/completing-door.js';
import type { ReadRoute } from '#libs/api/entities/read-route.js';
import type { SearchSources } from '#libs/api/search/search-source.js';
import type { NeedSources } from '#libs/operations/overview/need-source.js';
import type { Document } from '#libs/api/documents/openapi-schemas.js';
import type { AnyView } from '#libs/core/view-definition.js';
import type { AnyLeaf } from '#libs/flow/leaves/leaf.js';
import type { Schedule } from '#libs/schedules/schedule.js';
import type { Engines } from './engines.js';

/** An entity, a saga or a flow: its contract, its rules, and how it is shown. */
export interface EntityDefinition {
  readonly contract: EntityContract;
  readonly decider: AnyDecider;
  /** Converts a state to the view of the contract. */
  readonly present: Present;
  /**
   * Commands from outside that are completed before they are sent, by type: with a price from a
   * price list, for example. Their rules see data of the `completed` schema of the contract.
   */
  readonly complete?: Completions;
  readonly views: readonly AnyView[];
  /** The lists that show the views. */
  readonly reads: readonly ReadRoute[];
  /** What it is found by, apart from its id, its commands and its owner. */
  readonly searches?: SearchSources;
  /** What of it needs a person, by name. */
  readonly needs?: NeedSources;
  /** Routes of its own, and what OpenAPI says of them. */
  readonly routes?: { readonly controllers: readonly Type[]; readonly documents: readonly Document[] };
  /** Whether it is a flow, whose calls need a worker. */
  readonly isFlow?: true;
}

/** The calls of a service by name, or how they are made of the servers that it is connected to. */
export type ServiceCalls =
  Readonly<Record<string, Call>> | ((engines: Engines) => Readonly<Record<string, Call>>);

/** The parts in which services differ. */
export interface Service {
  readonly name: string;
  readonly entities: readonly EntityDefinition[];
  /** Whether it serves the routes of API keys. One service does. */
  readonly managesApiKeys?: boolean;
  /** Whether its flows hand out callback addresses, or it takes what is reported to them. */
  readonly usesCallbackSecret?: boolean;
  /** What starts its flows at certain times. */
  readonly schedules?: readonly Schedule[];
  /** External calls that effects and flows may make, by name. */
  readonly calls?: ServiceCalls;
  /** What handles the items of its spreads. */
  readonly leaves?: readonly AnyLeaf[];
  /** Modules with routes of its own, for processes that serve requests. */
  readonly modules?: readonly DynamicModule[];
  /** What OpenAPI says of these routes. */
  readonly documents?: readonly Document[];
  /** The bundle of the service's workflows, which the build creates. */
  readonly workflowBundle: URL;
}
