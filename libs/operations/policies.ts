/** Who may list flows of all types. Callers without a role see only their own. */
export const FLOW_READERS = ['owner', 'role:operator', 'role:support'] as const;
