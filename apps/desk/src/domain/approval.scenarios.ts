import { describe, expect } from '@jest/globals';
import { approvalContract } from '#contracts/approval/approval.contract.js';
import type { TestCommand } from '#libs/testing/command-envelope.builder.js';
import { DAY, HOUR, moment, SECOND } from '#libs/testing/moments.js';
import { scenariosOn } from '#libs/testing/scenario.js';
import type { Stage } from '#libs/testing/stage.js';
import {
  claimed,
  content,
  contentHash,
  deadline,
  delegated,
  escalated,
  expired,
  given as approved,
  granted,
  otherHash,
  rejected,
  reminded,
  requested,
  unclaimed,
  withdrawn,
} from './approval.fixture.js';
import { MAX_DELEGATIONS } from './approval.state.js';

/** A caller who may use only what belongs to it, as the policies admit nearly everybody. */
function by(actor: string, command: TestCommand, ...roles: readonly string[]): TestCommand {
  return { ...command, actor, roles };
}

/** Every rule of an approval, as scenarios that any stage can run. */
export function approvalScenarios(stage: Stage): void {
  const { given, command, it } = scenariosOn(stage, approvalContract);
  const flow = 'order-default.o-7';
  const decided = { type: 'Decided', data: {} };
  const answers = { approved: decided, refused: decided, withdrawn: decided };
  const asked = {
    subject: 'Order o-7',
    content,
    candidates: ['user:tom', 'user:ute', 'role:supervisor'],
    needed: 1,
    deadline,
  };
  const request = (more: object = {}) => ({ ...command('Request', { ...asked, ...more }), actor: 'alice' });
  const claim = command('Claim', {});
  const unclaim = command('Unclaim', {});
  const delegate = (to: string) => command('Delegate', { to: `user:${to}` });
  const approve = command('Approve', { contentHash });
  const reject = command('Reject', { reason: 'too dear' });
  const withdraw = command('Withdraw', {});
  const ofCandidates = [claim, unclaim, delegate('bob'), approve, reject];
  const later = (seconds: number, sent: TestCommand) => ({ ...sent, at: moment(seconds) });

  describe('that is requested', () => {
    it('belongs to the caller, and has the hash of its content', () =>
      given().when(request()).then(requested()));

    it('belongs to the caller for whom an entity requests it, and answers the entity', () =>
      given()
        .when({ ...request({ answers }), actor: flow, sender: flow, onBehalfOf: 'alice' })
        .then(requested({ requestedBy: flow, answers, answerTo: expect.any(String) as never })));

    it('belongs to an entity that requests it for nobody', () =>
      given()
        .when({ ...request(), actor: flow, sender: flow })
        .then(requested({ requester: flow, requestedBy: flow })));

    it('is not requested again', () =>
      given(requested()).when(request()).thenRejected('APPROVAL.ALREADY_REQUESTED'));

    it('has no answers for a caller, who could have any command sent', () =>
      given().when(request({ answers })).thenRejected('APPROVAL.NOBODY_TO_ANSWER'));

    it('has the hash that was named, whatever the order of its fields', async () => {
      const turned = Object.fromEntries(Object.entries(content).toReversed());
      await given()
        .when(request({ content: turned, contentHash }))
        .then(requested());
      await given()
        .when(request({ contentHash: otherHash }))
        .thenRejected('APPROVAL.CONTENT_MISMATCH');
    });

    it.each([
      { deadline: moment() },
      { deadline: moment(-SECOND) },
      { deadline: moment(367 * DAY) },
      { remindAt: deadline },
      { escalation: { at: deadline, to: ['user:eve'] } },
    ])('is refused with times like %j', (times) =>
      given()
        .when({ ...request(times), at: moment() })
        .thenRejected('APPROVAL.DEADLINE_INVALID'),
    );

    it('has candidates enough, and does not count its requester', async () => {
      const alone = { candidates: ['user:alice', 'user:tom', 'user:tom'], needed: 2 };
      await given().when(request(alone)).thenRejected('APPROVAL.TOO_FEW_CANDIDATES');
      const escalation = { at: moment(HOUR), to: ['user:eve'] };
      await given()
        .when(request({ ...alone, escalation }))
        .then(requested({ candidates: ['user:alice', 'user:tom'], needed: 2, escalation }));
    });
  });

  describe('that was never requested', () => {
    it.each([...ofCandidates, withdraw])('does not exist for $type', (one) =>
      given().when(by('tom', one)).thenRejected('APPROVAL.NOT_REQUESTED'),
    );
  });

  describe('that is open', () => {
    it('is approved by a candidate', () =>
      given(requested()).when(by('tom', approve)).then(approved('tom'), granted('tom')));

    it('is approved by a candidate with a role', () =>
      given(requested())
        .when(by('sue', approve, 'teller', 'supervisor'))
        .then(approved('sue'), granted('sue')));

    it('is rejected by one candidate, however many have approved', async () => {
      await given(requested()).when(by('ute', reject)).then(rejected('ute'));
      await given(requested({ needed: 3 }), approved('tom'), approved('sue'))
        .when(by('ute', reject))
        .then(rejected('ute'));
    });

    it.each([...ofCandidates, withdraw])('does not exist for $type by others', (one) =>
      given(requested())
        .when(by('mallory', one, 'teller'))
        .thenRejected('APPROVAL.NOT_REQUESTED'),
    );

    it.each([claim, delegate('bob'), approve, reject])('refuses $type by its requester', async (one) => {
      const own = requested({ candidates: ['user:alice', 'role:supervisor', 'user:tom'] });
      await given(own).when(by('alice', one)).thenRejected('APPROVAL.OWN_REQUEST');
      await given(own)
        .when(by('alice', one, 'supervisor'))
        .thenRejected('APPROVAL.OWN_REQUEST');
    });

    it('is not approved by an entity', () =>
      given(requested())
        .when({ ...approve, actor: flow, sender: flow, onBehalfOf: 'tom' })
        .thenRejected('APPROVAL.NOT_CANDIDATE'));

    it('is approved only for the content that was seen', () =>
      given(requested())
        .when(by('tom', { ...approve, data: { contentHash: otherHash } }))
        .thenRejected('APPROVAL.CONTENT_MISMATCH'));

    it('is rejected only for the content that was seen, if its hash is named', async () => {
      await given(requested())
        .when(by('tom', { ...reject, data: { ...reject.data, contentHash: otherHash } }))
        .thenRejected('APPROVAL.CONTENT_MISMATCH');
      await given(requested())
        .when(by('tom', { ...reject, data: { ...reject.data, contentHash } }))
        .then(rejected('tom'));
    });

    it('is withdrawn by its requester, or by the entity that requested it', async () => {
      await given(requested()).when(by('alice', withdraw)).then(withdrawn('alice'));
      await given(requested({ requestedBy: flow }))
        .when({ ...withdraw, actor: flow, sender: flow })
        .then(withdrawn(flow));
    });

    it('is withdrawn by nobody else', async () => {
      await given(requested()).when(by('tom', withdraw)).thenRejected('APPROVAL.NOT_REQUESTER');
      const other = 'order-default.o-8';
      await given(requested({ requestedBy: flow }))
        .when({ ...withdraw, actor: other, sender: other })
        .thenRejected('APPROVAL.NOT_REQUESTER');
    });

    it('may be decided once by anybody while access control is off', async () => {
      const anonymous = { ...approve, actor: 'anonymous' };
      await given(requested({ requester: 'anonymous' }))
        .when(anonymous)
        .then(approved('anonymous'), granted('anonymous'));
      await given(requested({ needed: 2 }), approved('anonymous'))
        .when(anonymous)
        .thenRejected('APPROVAL.ALREADY_DECIDED');
    });
  });

  describe('that several must approve', () => {
    const two = requested({ needed: 2 });

    it('waits for the second, by name or role', async () => {
      await given(two).when(by('tom', approve)).then(approved('tom'));
      await given(two, approved('tom'))
        .when(by('sue', approve, 'supervisor'))
        .then(approved('sue'), granted('tom', 'sue'));
    });

    it.each([approve, reject, claim, delegate('bob')])('takes no $type of one who has approved', (one) =>
      given(two, approved('tom'))
        .when(by('tom', one, 'supervisor'))
        .thenRejected('APPROVAL.ALREADY_DECIDED'),
    );
  });

  describe('that is claimed', () => {
    const own = [requested(), claimed('tom')] as const;

    it('is claimed by one candidate at a time', async () => {
      await given(requested()).when(by('tom', claim)).then(claimed('tom'));
      await given(...own)
        .when(by('ute', claim))
        .thenRejected('APPROVAL.CLAIMED');
    });

    it('is decided by nobody else', async () => {
      for (const one of [approve, reject, delegate('bob')]) {
        await given(...own)
          .when(by('ute', one))
          .thenRejected('APPROVAL.CLAIMED');
      }
      await given(...own)
        .when(by('tom', approve))
        .then(approved('tom'), granted('tom'));
    });

    it('is free again once the claim is given up', async () => {
      await given(...own)
        .when(by('ute', unclaim))
        .thenRejected('APPROVAL.NOT_CLAIMED');
      await given(...own)
        .when(by('tom', unclaim))
        .then(unclaimed('tom'));
      await given(...own, unclaimed('tom'))
        .when(by('ute', claim))
        .then(claimed('ute'));
    });

    it('is free again once one has approved, if more are needed', () =>
      given(requested({ needed: 2 }), claimed('tom'), approved('tom'))
        .when(by('ute', approve))
        .then(approved('ute'), granted('tom', 'ute')));
  });

  describe('that is delegated', () => {
    const toBob = [requested(), delegated('tom', 'bob')] as const;

    it('is decided by the delegate', async () => {
      await given(requested(), claimed('tom'))
        .when(by('tom', delegate('bob')))
        .then(delegated('tom', 'bob'));
      await given(...toBob)
        .when(by('bob', approve))
        .then(approved('bob'), granted('bob'));
    });

    it('is no longer decided by the delegator, not even by a role', () =>
      given(...toBob)
        .when(by('tom', approve, 'supervisor'))
        .thenRejected('APPROVAL.NOT_CANDIDATE'));

    it.each(['alice', 'ute', 'tom', 'sue'])('is not delegated to %s', (to) =>
      given(requested({ needed: 3 }), approved('sue'))
        .when(by('tom', delegate(to)))
        .thenRejected('APPROVAL.DELEGATE_INVALID'),
    );

    it('does not come back', () =>
      given(...toBob)
        .when(by('bob', delegate('tom')))
        .thenRejected('APPROVAL.DELEGATE_INVALID'));

    it('is delegated 50 times at most', async () => {
      const names = Array.from({ length: MAX_DELEGATIONS + 1 }, (_, index) => `d-${index}`);
      const chain = names.slice(1).map((to, index) => delegated(names[index] ?? '', to));
      const first = requested({ candidates: ['user:d-0'] });
      await given(first, ...chain)
        .when(by(`d-${MAX_DELEGATIONS}`, delegate('bob')))
        .thenRejected('APPROVAL.DELEGATE_LIMIT');
      await given(first, ...chain)
        .when(by(`d-${MAX_DELEGATIONS}`, approve))
        .then(approved(`d-${MAX_DELEGATIONS}`), granted(`d-${MAX_DELEGATIONS}`));
    });
  });

  describe('whose time passes', () => {
    const escalation = { at: moment(DAY), to: ['user:eve', 'user:tom'] };
    const timed = requested({ remindAt: moment(HOUR), escalation });

    it('reminds its candidates, once', async () => {
      await given(timed)
        .when(later(HOUR, by('tom', claim)))
        .then(reminded, claimed('tom'));
      await given(timed, reminded)
        .when(later(2 * HOUR, by('tom', claim)))
        .then(claimed('tom'));
    });

    it('lets others decide, and ends the claim', async () => {
      await given(timed, reminded).when(by('eve', approve)).thenRejected('APPROVAL.NOT_REQUESTED');
      await given(timed, reminded, claimed('tom'), escalated(...escalation.to))
        .when(later(DAY, by('eve', approve)))
        .then(approved('eve'), granted('eve'));
    });

    it('is refused at its deadline, even if a candidate approves then', async () => {
      await given(timed)
        .when(later(3 * DAY, by('tom', approve)))
        .thenRejected('APPROVAL.ENDED', reminded, escalated(...escalation.to), expired());
      await given(requested({ needed: 2 }), approved('tom'))
        .when(later(3 * DAY, by('ute', approve)))
        .thenRejected('APPROVAL.ENDED', expired());
    });

    it('is approved in the last moment', () =>
      given(requested())
        .when(later(3 * DAY - SECOND, by('tom', approve)))
        .then(approved('tom'), granted('tom')));

    it.each(['Remind', 'Escalate', 'Expire'] as const)('does not take %s early', (type) =>
      given(timed)
        .when({ ...command(type, {}), at: moment() })
        .thenRejected('APPROVAL.NOT_DUE'),
    );
  });

  describe.each([
    ['approved', [approved('tom'), granted('tom')]],
    ['rejected', [rejected('tom')]],
    ['expired', [expired()]],
    ['withdrawn', [withdrawn('alice')]],
  ])('that is %s', (_, end) => {
    it.each(ofCandidates)('takes no $type', (one) =>
      given(requested(), ...end)
        .when(by('ute', one))
        .thenRejected('APPROVAL.ENDED'),
    );

    it('is neither withdrawn nor requested again', async () => {
      await given(requested(), ...end)
        .when(by('alice', withdraw))
        .thenRejected('APPROVAL.ENDED');
      await given(requested(), ...end)
        .when(request())
        .thenRejected('APPROVAL.ALREADY_REQUESTED');
    });
  });
}
