import { approvalContract } from '#contracts/approval/approval.contract.js';
import { approvalMailContract } from '#contracts/approval-mail/approval-mail.contract.js';
import { mailCalls } from '#libs/entity/activities/mail-calls.js';
import { callbackAddressesModule } from '#libs/flow/callbacks/callback-addresses.module.js';
import { callbackAddressesDocument } from '#libs/flow/callbacks/callback-addresses.openapi.js';
import { hostFlow } from '#libs/operations/flows/host-flow.js';
import { callbackContract } from '#contracts/callback/callback.contract.js';
import { callbackTokensOf } from '#libs/service/callback-config.js';
import type { EntityDefinition, Service } from '#libs/service/service.js';
import { bulkDecideDocument } from './bulk/bulk-decide.openapi.js';
import { bulkModule } from './bulk/bulk.module.js';
import { type DeskConfig, linkConfig } from './desk.config.js';
import { approvalDecider } from './domain/approval.decider.js';
import { withMails } from './domain/approval.mails.js';
import { presentApproval } from './domain/approval.view.js';
import { inboxDocument } from './inbox/inbox.openapi.js';
import { approvalNeeds, callbackNeeds } from './inbox/desk-needs.js';
import { inboxModule } from './inbox/inbox.module.js';
import { addressBook } from './links/address-book.js';
import { approvalLinksDocument } from './links/approval-links.openapi.js';
import { linkMailCall } from './links/link-mail.call.js';
import { LinkTokens } from './links/link-tokens.js';
import { linksModule } from './links/links.module.js';
import { callbackDecider } from './domain/callback.decider.js';
import { presentCallback } from './domain/callback.view.js';
import { approvalsView } from './read-model/approvals/approvals.projection.js';
import { approvalList } from './read-model/approvals/approvals.queries.js';
import { callbackMessagesView } from './read-model/callbacks/callbacks.projection.js';
import { callbackList } from './read-model/callbacks/callbacks.queries.js';
import { webhookSearch } from './webhooks/webhook-search.js';
import { webhookProviders } from './webhooks/webhook-providers.js';
import { webhooksDocument } from './webhooks/webhooks.openapi.js';
import { webhooksModule } from './webhooks/webhooks.module.js';

/**
 * The desk service: approvals, which people decide, the mails that ask them, callbacks, which
 * machines send, and the addresses at which flows are called back. Throws `ConfigError`.
 */
export function deskService(config: DeskConfig): Service {
  const links = linkConfig(config);
  const providers = webhookProviders(config.WEBHOOK_PROVIDERS);
  const tokens = new LinkTokens(links?.secrets ?? []);
  const addressOf = links ? addressBook(links.addressBook) : async () => undefined;
  return {
    name: 'desk',
    entities: [
      {
        contract: approvalContract,
        decider: links ? withMails(approvalDecider) : approvalDecider,
        present: presentApproval,
        views: [approvalsView],
        reads: [approvalList],
        needs: { approvals: approvalNeeds },
      },
      hostFlow(approvalMailContract),
      callbackDefinition([...providers.keys()]),
    ],
    calls: {
      'mail-links': linkMailCall({
        tokens,
        addressOf,
        send: mailCalls(config.MAIL_URL, config.MAIL_FROM)['send-mail'],
        url: config.PERDURE_URL,
        validSeconds: links?.validSeconds ?? 0,
      }),
    },
    modules: [
      bulkModule(),
      inboxModule(),
      linksModule(tokens, addressOf),
      webhooksModule(providers),
      callbackAddressesModule(callbackTokensOf(config)),
    ],
    documents: [
      bulkDecideDocument(),
      inboxDocument(),
      approvalLinksDocument(),
      webhooksDocument(),
      callbackAddressesDocument(),
    ],
    usesCallbackSecret: true,
    workflowBundle: new URL('../workflows.bundle.js', import.meta.url),
  };
}

/** Callbacks, which are also found by what their webhooks are about. */
function callbackDefinition(providers: readonly string[]): EntityDefinition {
  return {
    contract: callbackContract,
    decider: callbackDecider,
    present: presentCallback,
    views: [callbackMessagesView],
    reads: [callbackList],
    needs: { callbacks: callbackNeeds },
    searches: { webhooks: webhookSearch(providers) },
  };
}
