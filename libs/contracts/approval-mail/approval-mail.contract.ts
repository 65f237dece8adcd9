import { z } from 'zod';
import { person } from '../approval/approval.fields.js';
import { entityId } from '../fields.js';
import { flowContract } from '../flow/flow.contract.js';
import { collectionOf } from '../services.js';

const people = z.int().min(0).max(150);

/** Mails with links to the people who may decide on an approval. */
export const approvalMailContract = flowContract({
  name: 'approvalMail',
  path: collectionOf('approvalMail'),
  summary: 'Mail the people who may decide on an approval links with which they do so',
  access: {
    start: ['role:operator'],
    cancel: ['role:operator'],
    read: ['role:support'],
    feed: ['role:support'],
  },
  input: z.strictObject({
    approval: entityId.meta({ examples: ['a-1'] }),
    people: z.array(person).min(1).max(150).meta({ description: 'Only those who may decide get a mail' }),
  }),
  messages: {},
  result: z.strictObject({
    sent: people,
    unknown: people.meta({ description: 'How many are not in the address book' }),
    failed: people.meta({ description: 'How many could not be sent a mail' }),
  }),
});
