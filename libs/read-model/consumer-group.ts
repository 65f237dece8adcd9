import type { AnyView } from '#libs/core/view-definition.js';

/**
 * The consumer group of a view that is read apart, `account.accounts`, or `cart.checkout.checkouts`
 * in a service with several categories. Each later version has its own group, so that it is filled
 * next to the first.
 */
export function groupOf(prefix: string, { category, name, version }: AnyView): string {
  const group = category === prefix ? `${prefix}.${name}` : `${prefix}.${category}.${name}`;
  return version === 1 ? group : `${group}.v${version}`;
}

/** The consumer group in which a service reads its views together, `account.views`. */
export function jointGroupOf(prefix: string): string {
  return `${prefix}.views`;
}
