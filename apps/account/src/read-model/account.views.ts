import { registerView, type ViewRegistration } from '#libs/read-model/view-registration.js';
import { accountsView } from './accounts/accounts.projection.js';
import { statementView } from './statement/statement.projection.js';

/** All read models of this service. */
export const accountViews: readonly ViewRegistration[] = [
  registerView(accountsView, new URL('./accounts/migration.sql', import.meta.url)),
  registerView(statementView, new URL('./statement/migration.sql', import.meta.url)),
];
