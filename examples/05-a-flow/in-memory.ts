import { flowInMemory } from '#libs/flow/memory/flow-in-memory.js';
import { Loan, loan as main, loanCalls } from './flows/loan.flow.js';
import { remind } from './loan.calls.js';
import { loanContract } from './loan.contract.js';

// Stands in for the books: every one can be lent.
const gateway = {
  execute: async (stream: string, commands: readonly { readonly type: string }[]) => {
    for (const { type } of commands) console.log(type, stream);
    return commands.map(() => ({ status: 'accepted' as const, revision: 0 }));
  },
  ask: async () => ({ title: 'Emma', reader: 'ann' }),
};

const flow = flowInMemory([{ contract: loanContract, main, calls: loanCalls }], {
  calls: { remind },
  gateway,
});

// The function is that of main.ts, but there is no server. The times are short, because what runs
// here ends with this program.
const { LENT_FOR: lentFor = '2s' } = process.env;
const forgotten = await flow(Loan, 'l2').start({ book: 'faust', reader: 'ann', reservedFor: '1s', lentFor });
await forgotten.result().catch(({ code }) => console.log(code)); // and the book is put back

const loan = await flow(Loan, 'l1').start({ book: 'emma', reader: 'ann', reservedFor: '5s', lentFor });
await loan.send('PickedUp', {});
console.log('the loan is', (await loan.state()).status);
console.log(await loan.result());
