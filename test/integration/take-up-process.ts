// An operator's skip in its own process, to be killed: node take-up-process.js <category> <stream>
import { takeUp } from '#libs/read-model/parking/take-up.js';
import { ViewFolder } from '#libs/read-model/view-folder.js';
import { ledgerView } from './ledger-view.js';
import { Ledger } from './read-model-kit.js';
import { logger, openKafka, openPool } from './read-path-kit.js';

const [category = '', stream = ''] = process.argv.slice(2);
const view = ledgerView(category);
const { store } = new Ledger(openKafka(), openPool());
const what = { verb: 'skip' } as const;

await takeUp(openPool(), new ViewFolder({ view, store, logger }), { view, stream, what, operator: 'tester' });
process.exit(0);
