import { RecentCount } from '#libs/runtime/recent.js';

/** Commands that this process has decided. */
export const decidedCommands = new RecentCount();
