import { z } from 'zod';
import { detail } from '#contracts/fields.js';
import { json } from '#contracts/flow/flow.fields.js';
import { notPersonal, secret } from '#contracts/personal-data.js';

/** The query of a callback address: its credential. */
export const addressQuery = z.strictObject({
  token: secret(z.string().min(1).max(4_000)).meta({ description: 'Part of the address; never logged' }),
});

const CODE = /^[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*)*$/;

/** What is reported to a callback address. */
export const report = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('progress'),
    progress: json.meta({ description: 'How far it is; the flow shows the latest' }),
  }),
  z.strictObject({ status: z.literal('completed'), result: json }),
  z.strictObject({
    status: z.literal('failed'),
    code: notPersonal(z.string().max(100).regex(CODE, 'must be a code such as PARCEL.LOST')),
    detail: detail.max(500),
  }),
]);

/** The answer to a report. */
export const taken = z.strictObject({ status: z.literal('accepted') });
