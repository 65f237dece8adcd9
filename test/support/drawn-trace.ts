import type { CollectedSpan } from './span-collector.js';

const WIDTH = 40;

/** A trace as text: a line for each span, below the one that it follows from, with its time. */
export function drawnTrace(spans: readonly CollectedSpan[]): string {
  const from = Math.min(...spans.map(({ start }) => start));
  const to = Math.max(...spans.map(({ end }) => end));
  const scale = WIDTH / (to - from);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lines: string[][] = [];
  const draw = (span: CollectedSpan, depth: number): void => {
    const before = Math.min(WIDTH - 1, Math.floor((span.start - from) * scale));
    const length = Math.max(1, Math.min(WIDTH - before, Math.round((span.end - span.start) * scale)));
    const name = `${'  '.repeat(depth)}${span.name}`;
    const bar = ' '.repeat(before) + '█'.repeat(length);
    const times = [(span.start - from).toFixed(0), (span.end - span.start).toFixed(1)];
    lines.push([name, span.service, ...times, bar]);
    for (const child of spans) if (child.parentSpanId === span.spanId) draw(child, depth + 1);
  };
  for (const span of spans) if (!ids.has(span.parentSpanId)) draw(span, 0);
  const rows = [['span', 'service', 'ms', 'took', ''], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => padded(cell, column, widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function padded(cell: string, column: number, width: number): string {
  return column === 2 || column === 3 ? cell.padStart(width) : cell.padEnd(width);
}
