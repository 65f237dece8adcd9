import { v5 } from 'uuid';
import type { StockRow } from '#contracts/stock-import/stock-row.js';
import { parseStreamName, streamName } from '#libs/core/entity-id.js';
import type { CommandEnvelope } from '#libs/core/envelope.js';
import type { JsonObject } from '#libs/core/json.js';
import type { CommandDoor, Receipt } from '#libs/entity/gateway/entity-gateway.js';
import { firstMessage } from '#libs/entity/gateway/temporal-entity-messages.js';
import { itemEnvelope, itemOutcome } from '#libs/flow/leaves/item-command.js';
import type { ItemOutcome } from '#libs/flow/leaves/leaf.js';
import type { Trace } from '#libs/flow/protocol/flow-activities.js';
import { eachOf } from '#libs/runtime/each-of.js';
import type { NumberedRow } from './row-buckets.js';

// A fixed namespace. A different one would let a file that was imported before count again.
const NAMESPACE = '0f4c2f5e-2d0b-4a59-9d6e-6a1c8d1b52f7';

const WAIT_MILLISECONDS = 8_000;
const ITEMS_AT_A_TIME = 8;

/** An import, as its rows see it. */
export interface RowsOf {
  /** The stream of the import, in whose name the commands are sent. */
  readonly stream: string;
  /** The SHA-256 of the file. */
  readonly hash: string;
  readonly trace: Trace;
}

/**
 * Sends the commands of rows, those of an item in their order and in few messages. A row gives the
 * same command whenever it is sent, and whatever import of the file it belongs to. Throws if the
 * outcome of some is not known yet.
 */
export async function applyRows(
  door: Pick<CommandDoor, 'execute'>,
  rows: readonly NumberedRow[],
  of: RowsOf,
): Promise<readonly ItemOutcome[]> {
  const outcomes = new Map<NumberedRow, ItemOutcome>();
  await eachOf([...byItem(rows)], ITEMS_AT_A_TIME, async ([sku, ofItem]) => {
    const stream = streamName('inventory', sku, parseStreamName(of.stream)?.tenant);
    let left = ofItem.map((row) => ({ row, envelope: envelopeOf(row, of) }));
    while (left.length > 0) {
      const count = firstMessage(left.map(({ envelope }) => envelope));
      const message = left.slice(0, count);
      const envelopes = message.map(({ envelope }) => envelope);
      const receipts = await door.execute(stream, envelopes, WAIT_MILLISECONDS);
      message.forEach(({ row }, index) => outcomes.set(row, outcomeOf(row, receipts[index])));
      left = left.slice(count);
    }
  });
  return rows.flatMap((row) => outcomes.get(row) ?? []);
}

function byItem(rows: readonly NumberedRow[]): ReadonlyMap<string, readonly NumberedRow[]> {
  const found = new Map<string, NumberedRow[]>();
  for (const row of rows) {
    const ofItem = found.get(row.row.sku);
    if (ofItem) ofItem.push(row);
    else found.set(row.row.sku, [row]);
  }
  return found;
}

function envelopeOf({ line, row }: NumberedRow, of: RowsOf): CommandEnvelope {
  const { stream, hash } = of;
  const keyId = v5(`${hash}:${line}`, NAMESPACE);
  return itemEnvelope(of, { keyId, ...commandOf(row), causationId: `${stream}/${line}` });
}

/** The command of a row. */
function commandOf(row: StockRow): { readonly type: string; readonly data: JsonObject } {
  const { quantity } = row;
  if (row.command === 'adjust') return { type: 'Adjust', data: { by: quantity, reason: row.reason } };
  const { reference } = row;
  return { type: 'Receive', data: { quantity, ...(reference !== undefined && { reference }) } };
}

function outcomeOf({ line, row: { sku } }: NumberedRow, receipt: Receipt | undefined): ItemOutcome {
  return itemOutcome(receipt, {
    record: { line, sku },
    undecided: `${sku} has not decided line ${line} yet`,
  });
}
