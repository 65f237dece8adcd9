import { RecentTimes } from '#libs/runtime/recent.js';

/** How long this process has waited for the outcomes of commands. */
export const commandTimes = new RecentTimes();
