import { z } from 'zod';
import { commandId, entityId, recordedAt } from './fields.js';
import { missing } from './missing.js';
import { notPersonal, personal } from './personal-data.js';

/** The most that one search finds. */
export const MOST_HITS = 20;

// eslint-disable-next-line no-control-regex -- no id has any of them
const ONE_LINE = /^[^\u0000-\u001f\u007f]+$/;

/** What is searched for: an id of any kind, or how it begins. */
export const searchedFor = personal(
  z.string().min(1).max(300).regex(ONE_LINE, 'must be an id, or how it begins'),
);

/** Something that has this id, or an id that begins so. */
export const searchHit = z.strictObject({
  kind: notPersonal(z.string()).meta({
    description:
      'The category of an entity; `command`; `correlation` or `trace`: an entity that did something under this id; `customer`: something that belongs to a customer of this id; `webhook`',
    examples: ['account'],
  }),
  id: entityId,
  title: personal(z.string()).meta({ examples: ['account alice'] }),
  detail: personal(z.string())
    .optional()
    .meta({ examples: ['open'] }),
  at: recordedAt.optional().meta({ description: 'When it last changed' }),
  commandId: commandId.optional(),
  link: personal(z.string()).meta({
    description: 'Its page in the console',
    examples: ['/entities/account/alice'],
  }),
});

/** The answer to a search: the best hits first. */
export const searchAnswer = z.strictObject({ data: z.array(searchHit).max(MOST_HITS), missing });

export type SearchHit = z.output<typeof searchHit>;
export type SearchAnswer = z.output<typeof searchAnswer>;
