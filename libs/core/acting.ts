/** Who does something, and on whose behalf, if it is not for itself. */
export interface Acting {
  /**
   * A caller; or the stream of a saga, a flow or another entity that acts by itself; or a part of
   * the system, such as `system:deadline`.
   */
  readonly actor: string;
  /** The caller whose command led to this. It gives no permissions: only the actor has any. */
  readonly onBehalfOf?: string;
}

/** The actor of everything that callers do while access control is off. No caller has this id. */
export const ANONYMOUS = 'anonymous';

/** How the names of parts of the system begin. No caller has such an id. */
const SYSTEM = 'system:';

/** Who acts, and on whose behalf, without anything else. */
export function actingIn({ actor, onBehalfOf }: Acting): Acting {
  return { actor, ...(onBehalfOf !== undefined && { onBehalfOf }) };
}

/** A command as the rules see it, as far as it says who sends it. */
type Sent = Partial<Pick<Acting, 'actor'>> & { readonly sender?: string };

/** The caller that sends a command; none, if an entity or a part of the system sends it. */
export function callerBehind({ actor, sender }: Sent): string | undefined {
  return sender === undefined && actor?.startsWith(SYSTEM) !== true ? actor : undefined;
}

/**
 * The caller on whose behalf an entity does what follows from an event or a command. None, if the
 * system or the entity itself caused it.
 */
export function onBehalfOfCause(stream: string, { actor, onBehalfOf }: Acting): Pick<Acting, 'onBehalfOf'> {
  const isNobody = actor === stream || actor.startsWith(SYSTEM);
  const caller = onBehalfOf ?? (isNobody ? undefined : actor);
  return caller === undefined ? {} : { onBehalfOf: caller };
}
