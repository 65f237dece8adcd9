import type { Pool } from 'pg';
import type { Need } from '#contracts/overview.js';

/** Whose needs are looked for. */
export interface NeedScope {
  readonly pool: Pool;
  readonly service: string;
  /** The tenant of the caller. */
  readonly own: string;
  /** Whether those of all tenants are looked for. */
  readonly isOfAllTenants: boolean;
}

/** Finds what needs a person, of one kind and through an index. */
export type NeedSource = (scope: NeedScope) => Promise<readonly Need[]>;

/** Sources by name. */
export type NeedSources = Readonly<Record<string, NeedSource>>;

/** The most that one source finds: more would not be read. */
export const MOST_NEEDS = 50;

/** The tenant to look in; null for all. */
export function tenantIn({ own, isOfAllTenants }: NeedScope): string | null {
  return isOfAllTenants ? null : own;
}

/** The entity that needs a person, and its page. */
export function subjectOf({ own }: NeedScope, category: string, id: string, tenant: string) {
  const isOther = tenant !== own;
  return {
    subject: { category, id, ...(isOther && { tenant }) },
    link: `/entities/${category}/${encodeURIComponent(id)}${isOther ? `?tenant=${tenant}` : ''}`,
  };
}

/** The address of a page of the console that shows one thing. */
export function pageLink(path: string, shown: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(shown).toString()}`;
}
