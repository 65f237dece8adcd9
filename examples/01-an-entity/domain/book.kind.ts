import { entityKind } from '#libs/core/entity.js';
import type { BookCommand } from '../book.contract.js';

/** Addresses a book from rules, from a program or over REST. */
export const Book = entityKind<BookCommand>('book');
