import { z } from 'zod';
import { MOST_PARTITIONS, type Partitions } from '#libs/entity/protocol/task-queues.js';

const PART = /^([a-z][A-Za-z0-9]*)=([1-9]\d?)$/;
const MESSAGE = `must be like account=4,cart=2, with up to ${MOST_PARTITIONS} partitions each`;

/** Partitions in the form of the variable, each on its own. */
export function partitionTexts(partitions: Partitions): readonly string[] {
  return Object.entries(partitions).map(([queue, count]) => `${queue}=${count}`);
}

/** The schema of the variable with the partitions of task queues, such as `account=4,cart=2`. */
export const partitionsVariable = z
  .string()
  .default('')
  .transform((text, context): Partitions => {
    const parts = text.split(',').filter((part) => part.trim() !== '');
    const found = parts.map((part) => PART.exec(part.trim()));
    const counts = found.map((part) => [part?.[1] ?? '', Number(part?.[2])] as const);
    const isValid = counts.every(([name, count]) => name !== '' && count <= MOST_PARTITIONS);
    const isUnique = new Set(counts.map(([name]) => name)).size === counts.length;
    if (!isValid || !isUnique) context.addIssue({ code: 'custom', message: MESSAGE });
    return Object.fromEntries(counts);
  });
