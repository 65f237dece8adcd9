import type { Decider } from '#libs/core/decider.js';
import { reject, type Rejection } from '#libs/core/rejection.js';
import type { BookCommand, BookEvent } from '../book.contract.js';

interface BookState {
  readonly title?: string;
  readonly reader?: string;
}

/** The rules of a book. They are plain functions: no clock, no I/O, no framework. */
export const bookDecider: Decider<BookState, BookCommand, BookEvent> = {
  name: 'book',
  stateVersion: 1,
  initialState: {},
  decide,
  evolve,
};

function decide(command: BookCommand, { title, reader }: BookState): readonly BookEvent[] | Rejection {
  if (command.type === 'Add') {
    if (title !== undefined) return reject('BOOK.ADDED', `the library already has ${title}`);
    return [{ type: 'BookAdded', data: { title: command.data.title } }];
  }
  if (title === undefined) return reject('BOOK.UNKNOWN', 'the library does not have this book');
  switch (command.type) {
    case 'Lend':
      if (reader !== undefined) return reject('BOOK.LENT', `${reader} has the book`);
      return [{ type: 'BookLent', data: { reader: command.data.reader } }];
    case 'Return':
      if (reader === undefined) return reject('BOOK.NOT_LENT', 'the book is in the library');
      return [{ type: 'BookReturned', data: { reader } }];
  }
}

function evolve(state: BookState, event: BookEvent): BookState {
  switch (event.type) {
    case 'BookAdded':
      return { title: event.data.title };
    case 'BookLent':
      return { ...state, reader: event.data.reader };
    case 'BookReturned': {
      const { reader: _, ...inLibrary } = state;
      return inLibrary;
    }
    default:
      return state;
  }
}
