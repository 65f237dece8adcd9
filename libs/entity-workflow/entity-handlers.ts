import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CommandEnvelope } from '#libs/decider/envelope.js';
import {
  COMMANDS_SIGNAL,
  EXECUTE_UPDATE,
  type Fold,
  RECEIPT_QUERY,
  REFOLD_SIGNAL,
  type RecentReceipt,
  type Settled,
  STATE_QUERY,
} from './entity-messages.js';

/** What an entity workflow can be told and asked, typed. */
export const commandsSignal = defineSignal<[readonly CommandEnvelope[]]>(COMMANDS_SIGNAL);
export const executeUpdate = defineUpdate<Settled[], [readonly CommandEnvelope[]]>(EXECUTE_UPDATE);
export const refoldSignal = defineSignal<[number]>(REFOLD_SIGNAL);
export const stateQuery = defineQuery<Fold | null>(STATE_QUERY);
export const receiptQuery = defineQuery<RecentReceipt, [string]>(RECEIPT_QUERY);
