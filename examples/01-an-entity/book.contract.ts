import { z } from 'zod';
import { type CommandsOf, defineContract, type EventsOf } from '#contracts/entity-contract.js';
import { text } from '#contracts/fields.js';

/** A book of a library: its commands, its events, and the state that clients see. */
export const bookContract = defineContract({
  name: 'book',
  plural: 'books',
  summary: 'A book that readers borrow',
  access: { read: ['anyone'], feed: ['anyone'] },
  commands: {
    Add: {
      schema: z.strictObject({ title: text(200) }),
      summary: 'Add the book to the library',
      visibility: 'public',
      allow: ['anyone'],
      creates: true,
    },
    Lend: {
      schema: z.strictObject({ reader: text(100) }),
      summary: 'Lend the book',
      visibility: 'public',
      allow: ['anyone'],
    },
    Return: {
      schema: z.strictObject({}),
      summary: 'Take the book back',
      visibility: 'public',
      allow: ['anyone'],
    },
  },
  events: {
    BookAdded: { schema: z.strictObject({ title: text(200) }), summary: 'It is in the library', version: 1 },
    BookLent: { schema: z.strictObject({ reader: text(100) }), summary: 'A reader has it', version: 1 },
    BookReturned: { schema: z.strictObject({ reader: text(100) }), summary: 'It is back', version: 1 },
  },
  view: z.strictObject({ title: text(200), reader: text(100).optional() }),
  rejections: {
    'BOOK.UNKNOWN': { status: 404, title: 'The library does not have this book' },
    'BOOK.ADDED': { status: 409, title: 'The library already has this book' },
    'BOOK.LENT': { status: 409, title: 'A reader has the book' },
    'BOOK.NOT_LENT': { status: 409, title: 'No reader has the book' },
  },
});

export type BookCommand = CommandsOf<typeof bookContract>;

export type BookEvent = EventsOf<typeof bookContract>;
