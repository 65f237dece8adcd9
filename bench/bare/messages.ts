export const BARE_QUEUE = 'bench-bare';
export const NOOP_SIGNAL = 'noop-signal';
export const NOOP_UPDATE = 'noop-update';
/** A query for the number of messages that a workflow has handled. */
export const HANDLED_QUERY = 'handled';
