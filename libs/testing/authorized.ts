/**
 * The header with the token in `PERDURE_TOKEN`, which is that of a user with all roles when tests
 * run on their own stack. No header without a token, as for services without access control.
 */
export function authorized(): Readonly<Record<string, string>> {
  const token = process.env['PERDURE_TOKEN'];
  return token ? { authorization: `Bearer ${token}` } : {};
}
