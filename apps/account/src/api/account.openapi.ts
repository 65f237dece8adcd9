import { accountContract } from '#contracts/account/account.contract.js';
import { accountRow, statementEntry } from '#contracts/account/account.views.js';
import { idParameter, pageParameters } from '#libs/http/openapi-parts.js';
import { openApiDocument } from '#libs/http/openapi.js';
import type { Document } from '#libs/http/openapi-schemas.js';

const VERSION = '0.1.0';

const consistencyToken = {
  name: 'Consistency-Token',
  in: 'header',
  description: 'Of a command reply: the list waits until it shows that command (at most 2 s)',
  schema: { type: 'string' },
};

/** The account service's OpenAPI document. */
export function accountOpenApi(): Document {
  return openApiDocument(
    accountContract,
    [
      {
        path: '/v1/accounts',
        operationId: 'accountList',
        summary: 'Accounts, as the read model shows them',
        parameters: [
          { name: 'status', in: 'query', schema: { enum: accountContract.view.shape.status.options } },
          { name: 'owner', in: 'query', schema: { type: 'string', maxLength: 200 } },
          ...pageParameters,
          consistencyToken,
        ],
        item: accountRow,
      },
      {
        path: '/v1/accounts/{id}/statement',
        operationId: 'accountStatement',
        summary: 'What moved or set aside money, with the running balance',
        parameters: [idParameter, ...pageParameters, consistencyToken],
        item: statementEntry,
      },
    ],
    VERSION,
  );
}
