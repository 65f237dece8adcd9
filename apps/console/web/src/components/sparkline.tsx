interface SparklineProps {
  readonly label: string;
  readonly values: readonly number[];
  readonly unit: string;
}

const [WIDTH, HEIGHT] = [120, 28];

/** The latest value, and how it got there since the page was opened. */
export function Sparkline({ label, values, unit }: SparklineProps) {
  const latest = values.at(-1) ?? 0;
  const most = Math.max(...values, 1e-9);
  const x = (index: number): number => (values.length < 2 ? WIDTH : (index * WIDTH) / (values.length - 1));
  const points = values.map((value, index) => `${x(index)},${HEIGHT - 1 - (value / most) * (HEIGHT - 2)}`);
  return (
    <figure className="sparkline">
      <figcaption>{label}</figcaption>
      <strong>
        {latest.toLocaleString(undefined, { maximumFractionDigits: latest < 10 ? 2 : 0 })} {unit}
      </strong>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
        <polyline points={points.join(' ')} fill="none" vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  );
}
