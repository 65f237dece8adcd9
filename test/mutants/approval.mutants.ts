import type { Mutant } from './mutant.js';

const ofRules = {
  file: 'apps/desk/src/domain/approval.decide.ts',
  spec: 'apps/desk/src/domain/approval.decide.spec.ts',
} as const;

/** Bugs in the links that are mailed. */
const ofLinks: readonly Mutant[] = [
  {
    id: 'link-used-twice',
    bug: 'Each use of a link is another decision.',
    file: 'apps/desk/src/links/approval-links.ts',
    replace: 'key: `link ${nonce}` }',
    by: 'key: `link ${nonce} ${Math.random()}` }',
    spec: 'test/workflow/approvals.spec.ts',
    test: 'links used again: the first outcome, and the other link of the mail is refused',
  },
  {
    id: 'link-never-expires',
    bug: 'A link counts after it has expired.',
    file: 'apps/desk/src/links/link-tokens.ts',
    replace: 'expiresAt * 1_000 <= nowMilliseconds',
    by: 'expiresAt * 1_000 <= 0',
    spec: 'apps/desk/src/links/link-tokens.spec.ts',
    test: 'a token says what it was signed for, until it expires',
  },
  {
    id: 'link-unsigned',
    bug: 'A link counts without a valid signature.',
    file: 'apps/desk/src/links/link-tokens.ts',
    replace: "if (!fits.includes(true)) return 'forged';",
    by: "if (payload === '') return 'forged';",
    spec: 'apps/desk/src/links/link-tokens.spec.ts',
    test: 'a token does not count with another person',
  },
  {
    id: 'link-of-requester',
    bug: 'A link decides in nobody’s name, so the requester approves by it.',
    file: 'apps/desk/src/links/approval-links.ts',
    replace: 'actor: person,',
    by: "actor: 'anonymous',",
    spec: 'test/workflow/approvals.spec.ts',
    test: 'links of its requester: refused',
  },
  {
    id: 'link-of-leaver',
    bug: 'A link of somebody who has left still counts.',
    file: 'apps/desk/src/links/approval-links.ts',
    replace: '(await this.addressOf(tenant, person)) === undefined',
    by: "(await this.addressOf(tenant, person)) === ''",
    spec: 'test/workflow/approvals.spec.ts',
    test: 'links of somebody who has left: refused',
  },
  {
    id: 'requester-mailed',
    bug: 'Who requests an approval is mailed a link to approve it.',
    file: 'apps/desk/src/domain/approval.mails.ts',
    replace: 'return id !== requester && ',
    by: "return requester !== '' && ",
    spec: 'apps/desk/src/domain/approval.mails.spec.ts',
    test: 'a mail goes to candidates by name, but not to the requester',
  },
];

/** Bugs in the rules of approvals, and in how people decide. */
export const approvalMutants: readonly Mutant[] = [
  ...ofLinks,
  {
    ...ofRules,
    id: 'requester-approves',
    bug: 'Who requests an approval can approve it, as a candidate by role.',
    replace: "if (id === requester) return no('APPROVAL.OWN_REQUEST', `${id} has requested it`);",
    by: '',
    test: 'an approval that is open refuses Approve by its requester',
  },
  {
    ...ofRules,
    id: 'approved-by-silence',
    bug: 'An approval is granted when its deadline passes.',
    replace: "return refuse('expired', `nobody decided until ${deadline}`, request);",
    by: "return [{ type: 'ApprovalGranted', data: { by: [], contentHash: request.contentHash } }];",
    test: 'an approval whose time passes is refused at its deadline, even if a candidate approves then',
  },
  {
    ...ofRules,
    id: 'approved-unseen',
    bug: 'An approval counts for whatever content there is.',
    replace: 'data.contentHash !== contentHash',
    by: "data.contentHash === ''",
    test: 'an approval that is open is approved only for the content that was seen',
  },
  {
    ...ofRules,
    id: 'approved-twice',
    bug: 'One person approves for two.',
    replace: 'approvals.some(({ by }) => by === id)',
    by: 'approvals.some(({ by }) => by === requester)',
    test: 'an approval that several must approve takes no Approve of one who has approved',
  },
  {
    ...ofRules,
    id: 'delegate-and-approve',
    bug: 'Who has delegated a decision can still make it, by a role.',
    replace: ' && !delegators.includes(id)',
    by: '',
    test: 'an approval that is delegated is no longer decided by the delegator, not even by a role',
  },
  {
    ...ofRules,
    id: 'caller-answered',
    bug: 'A caller names commands that it may not send, and the approval sends them.',
    file: 'apps/desk/src/domain/approval-request.decide.ts',
    replace: 'data.answers && sender === undefined',
    by: "data.answers && actor === ''",
    test: 'an approval that is requested has no answers for a caller, who could have any command sent',
  },
  {
    ...ofRules,
    id: 'approval-seen-by-all',
    bug: 'Approvals exist for everybody.',
    file: 'apps/desk/src/domain/approval.state.ts',
    replace: 'delegators.includes(party.id) || isAmong(candidates, party)',
    by: 'delegators.length >= 0 || isAmong(candidates, party)',
    test: 'an approval that is open does not exist for Approve by others',
  },
];
