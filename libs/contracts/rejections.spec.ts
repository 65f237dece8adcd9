import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { byCode, problems } from '#libs/core/problems.js';
import { apiKeyProblems } from '#libs/api-keys/api-key-problems.js';
import { callbackProblems } from '#libs/flow/callbacks/callback-problems.js';
import { workerProblems } from '#libs/operations/workers/worker-problems.js';
import { scheduleProblems } from '#libs/operations/schedules/schedules.schemas.js';
import { viewProblems } from '#libs/read-model/view-problems.js';
import { importProblems } from '../../apps/inventory/src/imports/import-upload.js';
import { linkProblems } from '../../apps/desk/src/links/approval-links.js';
import { accountContract } from './account/account.contract.js';
import { approvalContract } from './approval/approval.contract.js';
import { callbackContract } from './callback/callback.contract.js';
import { webhookProblems } from './callback/webhook.problems.js';
import { cartContract } from './cart/cart.contract.js';
import { inventoryContract } from './inventory/inventory.contract.js';
import { flowRejections } from './flow/flow.rejections.js';
import { priceContract } from './price/price.contract.js';
import { genericRejections } from './rejections.js';
import { sagaRejections } from './saga/saga.rejections.js';
import { transferContract } from './transfer/transfer.contract.js';

const page = readFileSync(join(process.cwd(), 'docs/rejections.md'), 'utf8');

/** The lines of the table under a heading: code, status and meaning. */
function listed(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` *\| (\d+) *\| (.*?) *\|/gm)].map(([, ...cells]) => cells);
}

function known(codes: Record<string, { status: number; title: string }>): string[][] {
  return Object.entries(codes).map(([code, { status, title }]) => [code, String(status), title]);
}

/** The codes of a saga other than those that all sagas have. */
function ownCodes(codes: Record<string, { status: number; title: string }>) {
  return Object.fromEntries(Object.entries(codes).filter(([code]) => !(code in sagaRejections)));
}

describe('the page of rejections', () => {
  it.each([
    ['Before an entity is asked', byCode(Object.values(problems))],
    ['Of every entity', genericRejections],
    ['Account', accountContract.rejections],
    ['Cart', cartContract.rejections],
    ['Saga', sagaRejections],
    ['Flow', flowRejections],
    ['Transfer', ownCodes(transferContract.rejections)],
    ['Inventory', inventoryContract.rejections],
    ['Price', priceContract.rejections],
    ['Approval', approvalContract.rejections],
    ['Approval links', byCode(Object.values(linkProblems))],
    ['Callback', callbackContract.rejections],
    ['Webhooks', byCode(Object.values(webhookProblems))],
    ['API keys', byCode(Object.values(apiKeyProblems))],
    ['Schedules', byCode(Object.values(scheduleProblems))],
    ['Callback addresses', byCode(Object.values(callbackProblems))],
    ['Imports', byCode(Object.values(importProblems))],
    ['Workers', byCode(Object.values(workerProblems))],
    ['Views', byCode(Object.values(viewProblems))],
  ])('lists every code, its status and its title: %s', (heading, codes) => {
    expect(listed(heading)).toEqual(known(codes));
  });

  it('names each code once in all', () => {
    const codes = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
