import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { callerId } from '#contracts/approval/approval.fields.js';
import { emailAddress, tenant } from '#contracts/fields.js';
import { UnavailableError } from '#libs/core/problems.js';

/** By tenant: the addresses of people, by the ids that their tokens state. */
const book = z.record(tenant, z.record(callerId, emailAddress));

type Addresses = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Finds the address of a person of a tenant; undefined, if there is none. */
export type FindAddress = (tenant: string, person: string) => Promise<string | undefined>;

/**
 * Reads addresses from a JSON file, which is read again once it has changed. Throws
 * `UnavailableError` while it cannot be read: whether somebody is in it is not known then.
 */
export function addressBook(file: string): FindAddress {
  let read: { readonly changedAt: number; readonly addresses: Addresses } | undefined;
  return async (of, person) => {
    try {
      const { mtimeMs: changedAt } = await stat(file);
      if (read?.changedAt !== changedAt) {
        const found = book.parse(JSON.parse(await readFile(file, 'utf8')));
        const byTenant = Object.entries(found).map(
          ([name, people]) => [name, new Map(Object.entries(people))] as const,
        );
        read = { changedAt, addresses: new Map(byTenant) };
      }
    } catch {
      // The error may quote the file.
      throw new UnavailableError('address book');
    }
    return read.addresses.get(of)?.get(person);
  };
}
