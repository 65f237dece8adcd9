import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { probe as main, Probe, probeCalls } from '../probe.js';

export const probe = flow(Probe, main, { calls: probeCalls });
