/** What can be done about an item of the inbox: a `POST` to `href`. */
export interface InboxAction {
  readonly name: 'retry' | 'resolve' | 'approve' | 'reject';
  readonly href: string;
  readonly body: { readonly step?: string; readonly name?: string; readonly contentHash?: string };
}

/** What waits for the caller, as `/v1/inbox` lists it. */
export interface InboxItem {
  readonly kind: 'saga' | 'flow' | 'approval';
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
  readonly subject?: string;
  readonly since?: string;
  readonly deadline?: string;
  readonly waiting?: readonly {
    readonly name: string;
    readonly status?: string;
    readonly since?: string;
    readonly code?: string;
    readonly detail?: string;
  }[];
  readonly actions: readonly InboxAction[];
}

/** An approval, as far as those who decide need it. */
export interface Approval {
  readonly id: string;
  readonly status: string;
  readonly subject: string;
  readonly text?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly contentHash: string;
  readonly deadline: string;
  readonly claimedBy?: string;
}

/** What became of one of many decisions. */
export interface BulkOutcome {
  readonly id: string;
  readonly status: string;
  readonly code?: string;
  readonly detail?: string;
}

/** The address of an approval in the API. */
export function approvalPath(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}
