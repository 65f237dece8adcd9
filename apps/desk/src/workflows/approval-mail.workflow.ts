import { ApprovalMail } from '#contracts/approval-mail/approval-mail.kind.js';
import { flow } from '#libs/flow/workflow/flow.workflow.js';
import { approvalMailCalls, mailLinks } from '../flows/approval-mail.flow.js';

export const approvalMail = flow(ApprovalMail, mailLinks, { calls: approvalMailCalls });
