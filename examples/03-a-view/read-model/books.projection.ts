import { z } from 'zod';
import { count, text } from '#contracts/fields.js';
import { shown, viewTable } from '#contracts/view-table.js';
import { defineView } from '#libs/core/view-definition.js';
import type { BookEvent } from '../../01-an-entity/book.contract.js';

/** One row per book. This declares the table, the type of its rows and the schema of list items. */
export const booksTable = viewTable('books_v1', {
  key: ['tenant', 'id'],
  owner: 'id',
  indexes: ['btree (tenant, reader, id)'],
  description: 'A book and who has it',
  row: {
    tenant: 'id',
    id: shown('id', z.string()),
    title: shown('text', text(200)),
    reader: shown('text?', text(100)),
    timesLent: shown('integer', count),
  },
});

interface ListedBook {
  readonly title: string;
  readonly reader: string | null;
  readonly timesLent: number;
}

const tables = { books: booksTable };

/** Folds the events of one book into its row. */
export const booksView = defineView<ListedBook | null, BookEvent, typeof tables>({
  name: 'books',
  version: 1,
  category: 'book',
  tables,
  initialState: null,
  project(before, event) {
    const book = next(before, event);
    if (!book) return { state: before, rows: {} };
    return { state: book, rows: { books: [{ tenant: event.tenant, id: event.entityId, ...book }] } };
  },
});

function next(book: ListedBook | null, event: BookEvent): ListedBook | null {
  if (event.type === 'BookAdded') return { title: event.data.title, reader: null, timesLent: 0 };
  if (event.type === 'BookLent' && book) {
    return { ...book, reader: event.data.reader, timesLent: book.timesLent + 1 };
  }
  if (event.type === 'BookReturned' && book) return { ...book, reader: null };
  return book;
}
