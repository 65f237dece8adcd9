import type { Migration } from './migrate.js';
import { type AnyView, viewKey } from '#libs/core/view-definition.js';

/** A view and the file that makes its tables. */
export interface ViewRegistration {
  readonly view: AnyView;
  readonly migration: Migration;
}

/** Registers a view with the SQL that makes the tables of its version. */
export function registerView(view: AnyView, migration: URL): ViewRegistration {
  return { view, migration: { id: viewKey(view), file: migration } };
}

/**
 * The consumer group of a view, `account.accounts`, or `cart.checkout.checkouts` where a service has several categories.
 * Later versions have their own, to be filled beside the first.
 */
export function groupOf(prefix: string, { category, name, version }: AnyView): string {
  const group = category === prefix ? `${prefix}.${name}` : `${prefix}.${category}.${name}`;
  return version === 1 ? group : `${group}.v${version}`;
}
