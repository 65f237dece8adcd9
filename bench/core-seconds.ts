import { readFileSync, readdirSync } from 'node:fs';
import { commandLine } from '#tools/dev-stack/process-table.js';

/** Of Linux, for all architectures. */
const TICKS_PER_SECOND = 100;

interface Usage {
  readonly parent: number;
  /** CPU seconds of the process and of its children that have ended. */
  readonly seconds: number;
}

const ROLES: readonly (readonly [RegExp, string])[] = [
  [/apps\/sandbox\//, 'sandboxes'],
  [/apps\/console\//, 'front server'],
  [/apps\/(\w+)\//, '$1'],
  [/tools\/event-store\//, 'event store'],
  [/kafka/i, 'Kafka'],
  [/postgres/, 'PostgreSQL'],
  [/server start-dev/, 'Temporal'],
];

/** CPU seconds that each role of the stack has used: the children of this process, and theirs. */
export function coreSecondsByRole(): ReadonlyMap<string, number> {
  const usages = usageOfAll();
  const byRole = new Map<string, number>();
  for (const [pid, { parent }] of usages) {
    if (parent !== process.pid) continue;
    const role = roleOf(commandLine(pid) ?? '');
    if (role !== undefined) byRole.set(role, (byRole.get(role) ?? 0) + secondsOf(pid, usages));
  }
  return byRole;
}

function roleOf(command: string): string | undefined {
  for (const [pattern, role] of ROLES) {
    const match = pattern.exec(command);
    if (match) return role.replace('$1', match[1] ?? '');
  }
  return undefined;
}

function secondsOf(pid: number, usages: ReadonlyMap<number, Usage>): number {
  const children = [...usages].filter(([, { parent }]) => parent === pid);
  const own = usages.get(pid)?.seconds ?? 0;
  return children.reduce((sum, [child]) => sum + secondsOf(child, usages), own);
}

function usageOfAll(): ReadonlyMap<number, Usage> {
  const usages = new Map<number, Usage>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The 2nd field is in parentheses and may hold anything. Then: state, parent (the 4th), …,
      // and from the 14th utime, stime, cutime, cstime.
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
      usages.set(Number(name), { parent: fields[1] ?? 0, seconds: ticks / TICKS_PER_SECOND });
    } catch {
      // It has ended.
    }
  }
  return usages;
}
