import type { StockImportTypes } from '#contracts/stock-import/stock-import.kind.js';
import type { FlowState } from '#libs/core/flow/flow.state.js';
import type { StockImportView } from './stock-import.schemas.js';

type Progress = StockImportTypes['progress'];

const NO_ROWS = { rows: 0, applied: 0, rejected: 0, failed: 0, left: 0 };

/** The routes of imports. */
export const STOCK_IMPORTS = '/v1/stock-imports';

/** How far an import is, or what has become of it. */
export function outcomeOf({ result, progress }: FlowState): Partial<Progress> {
  return (result ?? progress ?? {}) as Partial<Progress>;
}

/** An import as clients see it. Costs the same for any number of rows. */
export function presentImport(id: string, state: FlowState): StockImportView {
  const { startedAt = '', endedAt, startedBy, failure } = state;
  const { phase: _, rejects: __, results: ___, ...counts } = outcomeOf(state);
  const self = `${STOCK_IMPORTS}/${encodeURIComponent(id)}`;
  return {
    id,
    status: statusOf(state),
    file: state.input as unknown as StockImportTypes['input'],
    ...NO_ROWS,
    ...counts,
    startedAt,
    ...(endedAt !== undefined && { endedAt }),
    ...(startedBy !== undefined && { startedBy }),
    ...(failure && { failure: { code: failure.code, detail: failure.detail } }),
    links: { self, rejects: `${self}/rejects`, results: `${self}/results` },
  };
}

function statusOf(state: FlowState): StockImportView['status'] {
  const { status } = state;
  if (status !== undefined && status !== 'running') return status;
  const { phase = 'checking' } = outcomeOf(state);
  return phase === 'ended' ? 'running' : phase;
}
