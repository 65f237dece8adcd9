import { inspect } from 'node:util';
import { tokenFor } from '#libs/operations/cli/local-token.js';
import { OperationsClient } from '#libs/operations/cli/operations-client.js';
import { OperatorError } from '#libs/operations/cli/operator.errors.js';
import { perdure } from './program.js';

const { PERDURE_URL = 'http://127.0.0.1:3000' } = process.env;
const url = PERDURE_URL.replace(/\/$/, '');

try {
  await perdure((localUser) => new OperationsClient(url, tokenFor(localUser))).parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof OperatorError ? error.message : inspect(error)}\n`);
  process.exitCode = 1;
}
