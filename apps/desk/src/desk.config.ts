import { z } from 'zod';
import { portOf } from '#contracts/services.js';
import { ConfigError } from '#libs/api/http/read-config.js';
import { serviceConfig } from '#libs/service/service-config.js';
import { signingSecret } from '#libs/service/signing-secret.js';

const HOUR_SECONDS = 3_600;

/** The environment of the service. */
export const deskConfig = serviceConfig(portOf('desk')).extend({
  /** The mail server, with user and password if it asks for them. */
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).default('smtp://127.0.0.1:3025'),
  /** The sender of mail. */
  MAIL_FROM: z.email().default('approvals@perdure.example'),
  /** A JSON file with the addresses of people. Without one, nobody is sent a mail. */
  ADDRESS_BOOK_PATH: z.string().optional(),
  /** Signs the links in mails. */
  LINK_SECRET: signingSecret,
  /** The secret before: links that it has signed still count. */
  LINK_SECRET_BEFORE: signingSecret,
  /** How long a link counts, but never after the deadline of its approval. */
  LINK_HOURS: z.coerce.number().int().min(1).max(8_784).default(72),
  /** The providers whose webhooks are taken, as JSON: see docs/callbacks.md. */
  WEBHOOK_PROVIDERS: z.string().default('{}'),
});

export type DeskConfig = z.output<typeof deskConfig>;

/** How links are made, if there is anybody to mail them to. Throws `ConfigError`. */
export function linkConfig(config: DeskConfig) {
  const { ADDRESS_BOOK_PATH: addressBook, LINK_SECRET: current, LINK_SECRET_BEFORE: before } = config;
  if (addressBook === undefined) return undefined;
  if (current === undefined) {
    throw new ConfigError(
      'LINK_SECRET: is missing; it signs the links in mails to those in ADDRESS_BOOK_PATH',
    );
  }
  const secrets = before === undefined ? [current] : [current, before];
  return { addressBook, secrets, validSeconds: config.LINK_HOURS * HOUR_SECONDS };
}
